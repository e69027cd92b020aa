/** What files can tell of a recipe without a worker: whether models and corpora are there. The runner looks closer. */
import { stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { readModelConfig } from "../commands/guided/modelConfig.js";
import type { Problem } from "../protocol/errors.js";
import type { Recipe } from "../protocol/recipe.js";

/** @param folder that of the recipe file */
export async function localProblems(recipe: Recipe, folder: string): Promise<Problem[]> {
  return [...(await modelProblems(recipe, folder))];
}

async function modelProblems(recipe: Recipe, folder: string): Promise<Problem[]> {
  const path = resolve(folder, recipe.model);
  if (!(await isFolder(path))) {
    // "name/name" may be a hub id, which only the worker can look up.
    const looksLocal = isAbsolute(recipe.model) || /^\.{1,2}([/\\]|$)/.test(recipe.model) || !/^[\w.-]+(\/[\w.-]+)?$/.test(recipe.model);
    return looksLocal ? [{ path: "model", message: `there is no folder ${path}` }] : [];
  }
  const config = await readModelConfig(path);
  if (config === null) return [{ path: "model", message: `${path} holds no config.json that can be read` }];
  if (config.window !== null && recipe.targetLength <= config.window) {
    return [{ path: "targetLength", message: `nothing to extend: the model's window is ${String(config.window)} tokens already` }];
  }
  return [];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
