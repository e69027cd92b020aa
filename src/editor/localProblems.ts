/** What files can tell of a recipe without a worker: whether models and corpora are there. The runner looks closer. */
import { isAbsolute } from "node:path";
import { readModelConfig } from "../commands/guided/modelConfig.js";
import type { Problem } from "../protocol/errors.js";
import type { Recipe } from "../protocol/recipe.js";
import { checkFacts } from "../recipe/check.js";
import { resolveModel } from "../runner/modelPath.js";
import { exists } from "../runner/runDirectory.js";
import { corpusFileFacts } from "../runner/stages/corpusFiles.js";

/** @param folder that of the recipe file */
export async function localProblems(recipe: Recipe, folder: string): Promise<Problem[]> {
  const corpusFiles = await corpusFileFacts(recipe, folder);
  return [...(await modelProblems(recipe, folder)), ...checkFacts(recipe, { base: null, reference: null, corpusFiles })];
}

async function modelProblems(recipe: Recipe, folder: string): Promise<Problem[]> {
  const path = await resolveModel(folder, recipe.model);
  // Only the worker can look up a hub id.
  if (!isAbsolute(path)) return [];
  if (!(await exists(path))) return [{ path: "model", message: `there is no folder ${path}` }];
  const config = await readModelConfig(path);
  if (config === null) return [{ path: "model", message: `${path} holds no config.json that can be read` }];
  if (config.window !== null && recipe.targetLength <= config.window) {
    return [{ path: "targetLength", message: `nothing to extend: the model's window is ${String(config.window)} tokens already` }];
  }
  return [];
}
