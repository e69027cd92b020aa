/** A window on a folder with a run that has scored a corpus. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> =>
  runSpecs({
    highlight: () => import("./specs/highlight.js"),
    tools: () => import("./specs/tools.js"),
  });
