/** The sizes of a model folder, read without Python. */
import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { modelShape, type ModelShape } from "../recipe/modelShape.js";
import { resolveModel } from "../runner/modelPath.js";

/**
 * @param folder that of the recipe
 * @param model as the recipe names it
 * @returns null for a hub id, and for a folder whose config cannot be read.
 */
export async function readModelShape(folder: string, model: string): Promise<ModelShape | null> {
  const path = await resolveModel(folder, model);
  if (!isAbsolute(path)) return null;
  let text: string;
  try {
    text = await readFile(join(path, "config.json"), "utf8");
  } catch {
    return null;
  }
  try {
    return modelShape(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
