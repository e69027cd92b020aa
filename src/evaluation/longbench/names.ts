/** What the data sets are called, in recipes as in the names of the published files. */
import type { LongBenchSettings } from "../../protocol/recipe/longbench.js";
import { looGleTasks } from "./drafts.js";
import { longBenchSets } from "./sets.js";

/** Every data set that a format has; those of LongBench-E end in `_e`. */
export function setNames(format: LongBenchSettings["format"]): string[] {
  if (format === "longbench-v2") return ["longbench-v2"];
  if (format === "loogle") return Object.keys(looGleTasks);
  return Object.entries(longBenchSets).flatMap(([name, { sizeE }]) => (sizeE === undefined ? [name] : [name, `${name}_e`]));
}
