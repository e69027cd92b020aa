/** What is scored, what is selected, and which positions it gets. */
import * as z from "zod";
import { deviceSchema } from "../jobs.js";
import { fraction, positiveInt } from "./numbers.js";

export const significanceSchema = z
  .strictObject({
    reference: z
      .discriminatedUnion("source", [
        z.strictObject({ source: z.literal("rope").describe("The base model with its rotary frequencies rescaled, no training.") }),
        z.strictObject({
          source: z.literal("checkpoint").describe("Another model with the same tokenizer."),
          model: z.string().min(1).describe("Folder or hub id of the extended model."),
        }),
        z.strictObject({
          source: z.literal("warmup").describe("A short position-skipping LoRA run of the base itself."),
          steps: positiveInt.default(40).describe("Optimizer steps of the warm-up."),
          batchSize: positiveInt.default(8).describe("Sequences per optimizer step of the warm-up."),
          learningRate: z.number().positive().default(5e-4).describe("Learning rate of the warm-up."),
        }),
        z.strictObject({
          source: z.literal("contrast").describe("One model, long against truncated context."),
          context: positiveInt.describe("Largest number of tokens before a token that the truncated view keeps."),
          stride: positiveInt
            .optional()
            .describe(
              "By how many tokens the truncated view slides: each token sees at least context + 1 - stride tokens and at most context. 1: exactly context, at one pass a token. Left out: half of context, at about two passes over the text.",
            ),
        }),
      ])
      .prefault({ source: "rope" })
      .describe("Where the extended reference H' comes from."),
    measure: z
      .enum(["logit", "absolute", "logprob"])
      .default("logit")
      .describe(
        "`logit`: the paper's offset logit_ext(x) - logit_base(x); `absolute`: its absolute value; `logprob`: difference of log-probabilities.",
      ),
    window: z.int().min(2).optional().describe("Tokens scored at once. Left out: the target length."),
    minContext: positiveInt
      .optional()
      .describe("No token but a document's first ones is scored with less context than this. Left out: half the window."),
    devices: z
      .strictObject({
        base: deviceSchema.optional().describe("Where the base model is scored."),
        extended: deviceSchema.optional().describe("Where the extended reference is scored."),
      })
      .optional()
      .describe(
        "Devices of the two models, such as cuda:0 and cuda:1. On different devices they are scored side by side, on one device one after the other, so that only one is in memory. Left out: the recipe's device for both.",
      ),
    maxTokens: positiveInt.optional().describe("Score at most this many tokens, whole documents in seeded order. Left out: all."),
  })
  .describe("Significance: how much each token's logit changes between the base and an extended model.");
export type Significance = z.infer<typeof significanceSchema>;

export const selectionSchema = z
  .strictObject({
    topFraction: fraction.default(0.2).describe("Share of the corpus's tokens, by significance, that count as impactful."),
    order: z
      .enum(["density", "sum", "random", "coherent"])
      .default("density")
      .describe(
        "Which sentences are kept first: most impactful tokens per token (`density`), most impactful tokens (`sum`), or, as ablations, at random (`random`) or as one run of unbroken text (`coherent`).",
      ),
    upsample: z
      .number()
      .min(1)
      .optional()
      .describe(
        "How many times as likely as a sentence without impactful tokens an average sentence with some is drawn. Left out: those with some come first, the rest only fills what is left.",
      ),
  })
  .describe("Selection of the sentences that hold impactful tokens.");

export const positionsSchema = z
  .strictObject({
    strategy: z
      .enum(["longrecipe", "pose", "randomized", "full"])
      .default("longrecipe")
      .describe(
        "`longrecipe`: skips between sentence segments; `pose`: two chunks; `randomized`: a random sorted subset of positions; `full`: plain positions at length T.",
      ),
    segmentSentences: positiveInt.default(1).describe("Largest number of whole sentences in a segment; drawn uniformly from 1."),
    skips: z
      .enum(["uniform", "sequential", "even"])
      .default("uniform")
      .describe(
        "How `longrecipe` and `pose` draw the skips: `uniform` makes every placement equally likely; `sequential` draws each skip from what the ones before it left; `even` makes all skips alike.",
      ),
  })
  .describe("Position index transformation.");
