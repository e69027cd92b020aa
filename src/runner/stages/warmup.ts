/** The extended reference of `warmup`: a short LoRA run of the base on random sentences with skipped positions. */
import { join } from "node:path";
import { trainedLength, type Significance } from "../../protocol/recipe.js";
import { subSeed } from "../../recipe/random.js";
import { ropeParameters } from "../../recipe/rope.js";
import { extendSamples } from "../../recipe/samples.js";
import type { StageContext } from "../stage.js";
import { writeTable } from "../tables/writer.js";
import { modelFolder, prepareFiles, warmupFolder } from "./files.js";
import { unscoredSource } from "./sampleSources.js";

type Warmup = Extract<Significance["reference"], { source: "warmup" }>;

/** Trains the reference and returns its checkpoint folder. */
export async function trainWarmup(context: StageContext, warmup: Warmup): Promise<string> {
  const { recipe, models, directory } = context;
  const samples = join(directory, "warmup-samples.arrow");
  const source = await unscoredSource(
    directory,
    join(context.outputOf("prepare"), prepareFiles.documents),
    join(context.outputOf("prepare"), prepareFiles.tokens),
  );
  try {
    await writeTable(samples, "samples", async (writer) => {
      const made = extendSamples(source, {
        samples: warmup.steps * warmup.batchSize,
        trainedLength: trainedLength(recipe),
        order: "random",
        positions: {
          strategy: "longrecipe",
          targetLength: recipe.targetLength,
          segmentSentences: recipe.positions.segmentSentences,
          skips: "uniform",
        },
        seed: subSeed(recipe.seed, "warmup"),
      });
      for (const sample of made) await writer.append(sample);
    });
  } finally {
    source.close();
  }
  const output = join(directory, warmupFolder);
  await context.runJob({
    kind: "train",
    model: { path: models.base.path, rope: ropeParameters(recipe.rope, models.base, recipe.targetLength) },
    samples,
    output,
    method: { type: "lora", ...recipe.training.lora },
    learningRate: warmup.learningRate,
    schedule: "constant",
    warmupSteps: Math.ceil(warmup.steps / 10),
    weightDecay: 0,
    maxGradNorm: 1,
    steps: warmup.steps,
    microBatchSize: 1,
    gradientAccumulation: warmup.batchSize,
    gradientCheckpointing: recipe.training.gradientCheckpointing,
    checkpointEvery: Math.max(1, Math.ceil(warmup.steps / 4)),
    keepCheckpoints: 1,
  });
  return join(output, modelFolder);
}
