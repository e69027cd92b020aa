/** What the recipe's `model` stands for. */
import { isAbsolute, resolve } from "node:path";
import { exists } from "./runDirectory.js";

const hubId = /^[\w.-]+\/[\w.-]+$/;

/** @returns the absolute path of a folder, or a hub id as it is. A folder of that name goes before a hub id. */
export async function resolveModel(recipeDirectory: string, model: string): Promise<string> {
  const folder = resolve(recipeDirectory, model);
  if (await exists(folder)) return folder;
  const isId = hubId.test(model) && !isAbsolute(model) && !model.startsWith(".");
  return isId ? model : folder;
}
