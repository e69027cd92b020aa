/** The two trainings of a recipe: extension by skipped positions, and replay. */
import * as z from "zod";
import { corpusSchema } from "./corpus.js";
import { fraction, positiveInt } from "./numbers.js";

const optimizerFields = {
  batchSize: positiveInt.default(96).describe("Sequences per optimizer step."),
  microBatchSize: positiveInt.default(1).describe("Sequences per forward pass; the rest is gradient accumulation."),
  schedule: z.enum(["constant", "linear", "cosine"]).describe("Learning-rate schedule after the warm-up."),
  warmupFraction: z.number().min(0).lt(1).default(0.03).describe("Share of the steps over which the learning rate rises from 0."),
  weightDecay: z.number().min(0).default(0.1).describe("AdamW weight decay."),
  maxGradNorm: z.number().positive().default(1).describe("Gradients are clipped to this norm."),
  steps: positiveInt.optional().describe("Optimizer steps. Left out: one pass over the samples."),
  checkpointEvery: positiveInt.default(50).describe("Optimizer steps between checkpoints; at most this much work can be lost."),
} as const;

export const loraSchema = z
  .strictObject({
    rank: positiveInt.default(32).describe("Rank of the adapter."),
    alpha: z.number().positive().default(64).describe("Scale of the adapter."),
    dropout: z.number().min(0).lt(1).default(0).describe("Dropout inside the adapter."),
    targets: z
      .array(z.string().min(1))
      .min(1)
      .default(["q_proj", "k_proj", "v_proj", "o_proj"])
      .describe("Names of the linear layers that get an adapter."),
  })
  .describe("Low-rank adapters (peft).");

export const validationSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe("Measure held-out perplexity and a small grid of needles at every checkpoint of extend and replay."),
    documents: positiveInt.default(4).describe("Held-out documents to measure, each cut to the target length."),
    trials: positiveInt.default(1).describe("Needle prompts per length and depth."),
    depths: z.array(z.number().min(0).max(1)).min(1).default([0, 0.5, 1]).describe("Where the needle stands in these prompts."),
    lengths: z.array(positiveInt).min(1).optional().describe("Prompt lengths in tokens. Left out: W, 2 W, 4 W, ... T."),
    maxShare: fraction
      .default(0.05)
      .describe(
        "Largest share of the training's operations that goes into validation. Trials, the longest prompts, documents and checkpoints are left out until it fits.",
      ),
  })
  .describe("Validation while training. It changes nothing in what is trained.");
export type Validation = z.infer<typeof validationSchema>;

export const lossWeightsSchema = z
  .strictObject({
    low: z
      .number()
      .min(0)
      .default(0.5)
      .describe("Weight of a sample's least significant token, before the weights are scaled to a mean of 1."),
    high: z.number().positive().default(2).describe("Weight of a sample's most significant token, before scaling."),
    sharpness: z
      .number()
      .positive()
      .default(4)
      .describe("Weights rise from low to high with rank ^ sharpness: 1 is a straight line, 4 sets the top fifth apart."),
  })
  .describe("How `objective: significance` weights tokens, by the rank of their significance within the sample.");
export type LossWeights = z.infer<typeof lossWeightsSchema>;

export const trainingSchema = z
  .strictObject({
    method: z.enum(["full", "lora"]).default("full").describe("Train every weight, or low-rank adapters that are folded in at the end."),
    lora: loraSchema.prefault({}),
    samples: positiveInt.default(10_000).describe("Training samples to build (the paper uses 10,000)."),
    objective: z
      .enum(["uniform", "significance"])
      .default("uniform")
      .describe(
        "`uniform`: every token counts alike; `significance`: the loss weights tokens by their significance (replay stays uniform).",
      ),
    lossWeights: lossWeightsSchema.prefault({}),
    validation: validationSchema.prefault({}),
    learningRate: z.number().positive().default(5e-5).describe("Peak learning rate."),
    ...optimizerFields,
    schedule: optimizerFields.schedule.default("constant"),
    gradientCheckpointing: z
      .boolean()
      .default(true)
      .describe("Recompute activations in the backward pass: less memory, about a third more time."),
    precision: z
      .enum(["auto", "float32", "bfloat16"])
      .default("auto")
      .describe("Arithmetic. `auto` takes bfloat16 where the device is fast at it, else float32."),
  })
  .describe("The position-skipping training itself.");
export type Training = z.infer<typeof trainingSchema>;

export const replaySchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Replay general data after the extension."),
    corpus: corpusSchema
      .optional()
      .describe("General data near the model's pretraining or instruction data. Left out: the stage is skipped."),
    length: z.int().min(2).optional().describe("Tokens per replay sample. Left out: the model's original window."),
    samples: positiveInt.default(1_000).describe("Replay samples to build."),
    learningRate: z.number().positive().default(5e-6).describe("Peak learning rate, annealed to zero by the schedule."),
    ...optimizerFields,
    schedule: optimizerFields.schedule.default("linear"),
  })
  .describe("Replay: training with plain positions on general data, to restore general abilities.");
export type Replay = z.infer<typeof replaySchema>;
