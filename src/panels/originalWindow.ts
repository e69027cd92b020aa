/** W, the original window of a run's model, wherever it is written down. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { glob } from "tinyglobby";
import * as z from "zod";
import { readModelConfig } from "../commands/guided/modelConfig.js";
import { inspectionSchema } from "../protocol/tables.js";
import { resolveModel } from "../runner/modelPath.js";
import type { RunFile } from "../runner/runDirectory.js";

const inspections = z.array(inspectionSchema.pick({ model: true, window: true }));

/** From the model's folder, or for a hub id from what was found out about it before the run. @returns tokens, or null. */
export async function originalWindow(directory: string, run: RunFile): Promise<number | null> {
  const model = await resolveModel(dirname(run.recipeFile), run.model);
  const config = await readModelConfig(model);
  if (config?.window != null) return config.window;
  for (const file of await glob("*/inspection.json", { cwd: join(dirname(directory), ".inspect"), absolute: true, dot: true })) {
    const found = inspections.safeParse(JSON.parse(await readFile(file, "utf8"))).data?.find((entry) => entry.model === model);
    if (found !== undefined) return found.window;
  }
  return null;
}
