/** lm-evaluation-harness is an extra of the worker's environment: its absence is told before a run starts, not after a day. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { isFailure, probePython } from "../environment/probe.js";
import { workerProject } from "../environment/locations.js";
import type { Problem } from "../protocol/errors.js";
import type { Recipe } from "../protocol/recipe.js";

/** @returns the problems of a recipe that measures general ability where the extra or the folder of tasks is absent. */
export async function abilityProblems({ evaluation: { ability } }: Recipe, directory: string, python: string): Promise<Problem[]> {
  if (!ability.enabled) return [];
  const problems: Problem[] = [];
  const probe = await probePython([python], ["lm_eval"]);
  if (!isFailure(probe) && probe.packages["lm_eval"] === undefined) {
    problems.push({
      path: "evaluation.ability",
      message: `lm-evaluation-harness is not installed in the worker's Python; install it: longrecipe setup --extras evaluation (an interpreter of your own: ${python} -m pip install -r ${workerProject().extras.evaluation})`,
    });
  }
  if (ability.include !== undefined && !(await isFolder(resolve(directory, ability.include)))) {
    problems.push({ path: "evaluation.ability.include", message: `the folder ${ability.include} does not exist` });
  }
  return problems;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}
