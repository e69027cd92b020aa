/** Evaluation results: one JSON file of rows, from which every table and picture is made. */
import * as z from "zod";

export const resultRowSchema = z.object({
  model: z.string().describe("base, rope, extended, merged, or the name of any other model."),
  task: z.string().describe("needle, perplexity, ..."),
  length: z.int().positive().describe("Prompt length in tokens; for perplexity the end of the bin of positions."),
  depth: z.number().nullable().describe("Where the needle stands, 0 to 1; null where it has no meaning."),
  trial: z.int().nonnegative(),
  promptHash: z.string(),
  answer: z.string().nullable(),
  expected: z.string().nullable(),
  score: z.number().describe("needle: 1 or 0; perplexity: mean negative log-likelihood of the bin in nats."),
  tokens: z.int().positive().optional().describe("perplexity: tokens in the bin."),
});
export type ResultRow = z.infer<typeof resultRowSchema>;

export const resultsSchema = z.object({
  version: z.literal(1),
  run: z.string(),
  window: z.int().positive().describe("W: the original window."),
  targetLength: z.int().positive().describe("T."),
  rows: z.array(resultRowSchema),
});
export type Results = z.infer<typeof resultsSchema>;
