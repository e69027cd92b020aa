/** What the two training stages share: optimizer steps, batches, the worker's job, and what is measured meanwhile. */
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { answerTokens } from "../../evaluation/needlePlan.js";
import type { JobOf, ModelSpec } from "../../protocol/jobs.js";
import type { Recipe } from "../../protocol/recipe.js";
import type { Missing } from "../../recipe/diagnosis/unmeasured.js";
import { flopsPerToken } from "../../recipe/flops.js";
import type { StageContext } from "../stage.js";
import { sampleFiles, trainingSummaryFile } from "./files.js";
import { optimizerSteps, sampleCounts, warmupSteps, workOf, type OptimizerSettings } from "./trainingPlan.js";
import { TrainingWatch } from "./trainingWatch.js";
import { trainingValidation } from "./validation.js";

export { optimizerSteps } from "./trainingPlan.js";

/** Training is resumed from the last checkpoint; the one before it is kept until the last is whole. */
const keptCheckpoints = 2;

/** summary.json of a training stage. */
export interface TrainingSummary {
  readonly steps: number;
  /** Samples and tokens that went through the model; samples repeat where there are fewer than the steps take. */
  readonly samples: number;
  readonly tokens: number;
  /** Mean tokens of a sample. */
  readonly length: number;
  /** Operations of the model for one trained token, and in all: 6 N D and attention (src/recipe/flops.ts). */
  readonly flopsPerToken: number;
  readonly flops: number;
  /** Median over the reported steps. */
  readonly tokensPerSecond: number | null;
  /** Peak memory of the device; resident memory on CPU. */
  readonly peakMemoryBytes: number | null;
  /** Seconds spent on validation, and how often it was made. */
  readonly validationSeconds: number;
  readonly validations: number;
}

/** Everything in the settings on which the trained weights depend; how often checkpoints are written and what is measured is not among it. */
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

export interface Trained {
  readonly summary: TrainingSummary;
  readonly watch: TrainingWatch;
  /** Why nothing was measured; null where it was. */
  readonly missing: Missing | null;
}

/** Trains `model` on the samples of a stage; the result is in `model/` of the stage's folder, its figures in summary.json. */
export async function train(context: StageContext, stage: "extend" | "replay", model: ModelSpec): Promise<Trained> {
  const { recipe, models, directory } = context;
  const settings = stage === "extend" ? recipe.training : recipe.replay;
  const counts = await sampleCounts(context);
  const table = counts[stage];
  if (table === null) throw new Error(`there are no samples for ${stage}`);
  const steps = optimizerSteps(settings, table.samples);
  const length = table.tokens / table.samples;
  const perToken = flopsPerToken(models.base, length, workOf(recipe));
  const { tables: validation, plan, missing } = await trainingValidation(context, stage, counts);
  const watch = new TrainingWatch({ flopsPerToken: perToken, asked: validation?.description.asked ?? [], window: models.base.window });
  await context.runJob(
    {
      kind: "train",
      model,
      samples: join(context.outputOf("samples"), sampleFiles[stage]),
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
      ...(validation === null
        ? {}
        : {
            validation: {
              ...(plan.between ? {} : { between: false }),
              documents: validation.documents,
              bins: [models.base.window, recipe.targetLength],
              ...(validation.description.asked.length > 0 ? { prompts: validation.prompts } : {}),
              maxNewTokens: answerTokens(recipe.evaluation.needle),
              ...(stage === "extend" && validation.description.probes > 0 ? { probe: validation.probe } : {}),
            },
          }),
    },
    watch.translate,
  );
  const samples = steps * settings.batchSize;
  const tokens = Math.round(samples * length);
  const measured = [...watch.measurements.values()];
  const summary: TrainingSummary = {
    steps,
    samples,
    tokens,
    length,
    flopsPerToken: perToken,
    flops: tokens * perToken,
    tokensPerSecond: watch.tokensPerSecond,
    peakMemoryBytes: watch.peakMemoryBytes,
    validationSeconds: measured.reduce((sum, { seconds }) => sum + seconds, 0),
    validations: measured.length,
  };
  await writeFileAtomic(join(directory, trainingSummaryFile), `${JSON.stringify(summary, null, 2)}\n`);
  return { summary, watch, missing };
}

function trainingMethod(recipe: Recipe): JobOf<"train">["method"] {
  const { method, lora } = recipe.training;
  return method === "full" ? { type: "full" } : { type: "lora", ...lora };
}
