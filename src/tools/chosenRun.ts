/** The run that a tool's input names. */
import { basename, resolve } from "node:path";
import { exitCode, UserError } from "../protocol/errors.js";
import type { FollowedRun } from "../views/followedRun.js";
import type { RunStore } from "../views/runStore.js";

/** By directory, folder name or name; the newest where nothing is named. @throws UserError where there is none */
export function chosenRun(store: RunStore, wanted: string | undefined): FollowedRun {
  const runs = store.all();
  const found =
    wanted === undefined || wanted.trim() === ""
      ? runs[0]
      : runs.find(({ directory, run }) => directory === resolve(wanted) || basename(directory) === wanted || run.name === wanted);
  if (found !== undefined) return found;
  const known = runs.map(({ directory }) => basename(directory)).join(", ");
  throw new UserError(
    "no-such-run",
    wanted === undefined ? "There is no run in this workspace." : `There is no run ${wanted}.`,
    known === "" ? "LongRecipe: Extend Context starts one." : `There are: ${known}.`,
    exitCode.badInput,
  );
}
