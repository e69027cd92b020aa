/** How long the training stages of a recipe are: steps, samples, work. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Recipe, Replay, Training } from "../../protocol/recipe.js";
import type { Work } from "../../recipe/flops.js";
import type { StageContext } from "../stage.js";
import { sampleFiles } from "./files.js";

/** Settings of a training stage: `training` or `replay` of the recipe. */
export type OptimizerSettings = Training | Replay;

/** Samples and tokens of the two samples tables. */
const sampleCountsSchema = z.object({ samples: z.int().positive(), tokens: z.int().positive() });
const samplesSummarySchema = z.object({ extend: sampleCountsSchema, replay: sampleCountsSchema.nullable() });
export type SampleCounts = z.infer<typeof samplesSummarySchema>;

/** What stage `samples` counted. */
export async function sampleCounts(context: StageContext): Promise<SampleCounts> {
  const text = await readFile(join(context.outputOf("samples"), sampleFiles.summary), "utf8");
  return samplesSummarySchema.parse(JSON.parse(text));
}

/** Optimizer steps: as many as are set, else one pass over the samples. */
export function optimizerSteps(settings: Pick<OptimizerSettings, "steps" | "batchSize">, samples: number): number {
  return settings.steps ?? Math.max(1, Math.ceil(samples / settings.batchSize));
}

/** Steps over which the learning rate rises. */
export function warmupSteps(settings: Pick<OptimizerSettings, "warmupFraction">, steps: number): number {
  return Math.min(steps - 1, Math.round(settings.warmupFraction * steps));
}

/** What is done with a token of either training stage. */
export function workOf(recipe: Recipe): Work {
  return recipe.training.method;
}
