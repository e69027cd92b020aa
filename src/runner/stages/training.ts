/** What the two training stages share: optimizer steps, batches and the worker's job. */
import type { JobOf, ModelSpec } from "../../protocol/jobs.js";
import type { Recipe, Replay, Training } from "../../protocol/recipe.js";
import type { StageContext } from "../stage.js";
import { readBatches } from "../tables/reader.js";

/** Training is resumed from the last checkpoint; the one before it is kept until the last is whole. */
const keptCheckpoints = 2;

/** Settings of a training stage: `training` or `replay` of the recipe. */
export type OptimizerSettings = Training | Replay;

/** Optimizer steps: as many as are set, else one pass over the samples. */
export function optimizerSteps(settings: Pick<OptimizerSettings, "steps" | "batchSize">, samples: number): number {
  return settings.steps ?? Math.max(1, Math.ceil(samples / settings.batchSize));
}

/** Steps over which the learning rate rises. */
export function warmupSteps(settings: Pick<OptimizerSettings, "warmupFraction">, steps: number): number {
  return Math.min(steps - 1, Math.round(settings.warmupFraction * steps));
}

/** Everything in the settings on which the trained weights depend; how often checkpoints are written is not among it. */
export function trainingInputs(recipe: Recipe, settings: OptimizerSettings): unknown {
  const { learningRate, batchSize, microBatchSize, schedule, warmupFraction, weightDecay, maxGradNorm, steps } = settings;
  const { method, lora, precision } = recipe.training;
  return {
    optimizer: { learningRate, batchSize, microBatchSize, schedule, warmupFraction, weightDecay, maxGradNorm, steps: steps ?? null },
    method: method === "lora" ? { method, ...lora } : { method },
    precision,
    seed: recipe.seed,
  };
}

/**
 * Trains `model` on a samples table; the result is in `model/` of the stage's folder.
 * @returns the number of optimizer steps.
 */
export async function train(context: StageContext, settings: OptimizerSettings, model: ModelSpec, samples: string): Promise<number> {
  const { recipe, directory } = context;
  const steps = optimizerSteps(settings, await countRows(samples));
  await context.runJob({
    kind: "train",
    model,
    samples,
    output: directory,
    method: trainingMethod(recipe),
    learningRate: settings.learningRate,
    schedule: settings.schedule,
    warmupSteps: warmupSteps(settings, steps),
    weightDecay: settings.weightDecay,
    maxGradNorm: settings.maxGradNorm,
    steps,
    microBatchSize: settings.microBatchSize,
    gradientAccumulation: settings.batchSize / settings.microBatchSize,
    gradientCheckpointing: recipe.training.gradientCheckpointing,
    checkpointEvery: settings.checkpointEvery,
    keepCheckpoints: keptCheckpoints,
  });
  return steps;
}

function trainingMethod(recipe: Recipe): JobOf<"train">["method"] {
  const { method, lora } = recipe.training;
  return method === "full" ? { type: "full" } : { type: "lora", ...lora };
}

async function countRows(samples: string): Promise<number> {
  let rows = 0;
  for await (const batch of readBatches(samples, "samples")) rows += batch.length;
  return rows;
}
