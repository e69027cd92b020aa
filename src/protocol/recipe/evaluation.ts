/** How a recipe measures what came of it. */
import * as z from "zod";
import { corpusSchema } from "./corpus.js";
import { positiveInt } from "./numbers.js";

export const needleSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Run the needle-in-a-haystack grid."),
    haystack: corpusSchema.optional().describe("Held-out text for the haystack. Left out: the training corpus."),
    lengths: z.array(positiveInt).min(1).optional().describe("Prompt lengths in tokens. Left out: W/4 to T by doubling."),
    depths: z
      .array(z.number().min(0).max(1))
      .min(1)
      .default([0, 0.25, 0.5, 0.75, 1])
      .describe("Where the needle stands: 0 is the start of the haystack, 1 its end."),
    trials: positiveInt.default(4).describe("Prompts per length and depth."),
    needle: z.string().default("The access code of {key} is {value}.").describe("The needle sentence. {key} and {value} are filled in."),
    question: z.string().default("The access code of {key} is").describe("The end of the prompt, which the model has to go on from."),
    keys: z.array(z.string().min(1)).min(2).optional().describe("Keys to draw from. Left out: a built-in list of names."),
    valueDigits: z.int().min(1).max(12).default(5).describe("Digits of the value."),
    distractors: z.int().min(0).default(3).describe("Other key-value sentences hidden in the same haystack (multi-key)."),
    distractorSpacing: positiveInt
      .optional()
      .describe("At least one distractor for every this many tokens of the prompt. Left out: the same number at every length."),
    single: z.boolean().default(false).describe("Also ask for every needle without distractors (single-key retrieval)."),
  })
  .describe("Needle in a haystack.");
export type NeedleSettings = z.infer<typeof needleSchema>;

export const evaluationSchema = z
  .strictObject({
    needle: needleSchema.prefault({}),
    perplexity: z
      .strictObject({
        enabled: z.boolean().default(true).describe("Measure perplexity by position."),
        corpus: corpusSchema.optional().describe("Held-out documents. Left out: the needle haystack, else the training corpus."),
        documents: positiveInt.default(8).describe("Documents to measure, each cut to the target length."),
      })
      .prefault({})
      .describe("Perplexity by position, inside and beyond the original window."),
    ropeOnly: z.boolean().default(true).describe("Also evaluate rotary scaling alone, without training."),
  })
  .describe("Evaluation of base, extended and merged model side by side.");
