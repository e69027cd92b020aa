/** mergekit is optional: only some ways of merging need it, in the worker's Python. */
import { isFailure, probePython } from "../environment/probe.js";
import { compareVersions } from "../environment/requirements.js";
import type { Problem } from "../protocol/errors.js";
import type { Recipe } from "../protocol/recipe.js";

/** The version that the worker's calls are tested with (mergekit_methods.py). */
const mergekitVersion = "0.1.5";

/** @returns the problem of a recipe that needs mergekit where it is absent or too old: told now rather than after a day of training. */
export async function mergeProblems({ merge }: Recipe, python: string): Promise<Problem[]> {
  if (merge.method === "linear") return [];
  const probe = await probePython([python], ["mergekit"]);
  const found = isFailure(probe) ? undefined : probe.packages["mergekit"];
  if (found !== undefined && compareVersions(found, mergekitVersion) >= 0) return [];
  const state = found === undefined ? "is not installed" : `is of version ${found}`;
  const message = `\`${merge.method}\` is mergekit's, which ${state} in the worker's Python; install it: ${python} -m pip install "mergekit>=${mergekitVersion}"`;
  return [{ path: "merge.method", message }];
}
