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
  metric: z.string().optional().describe("How the score was made of the answer (src/evaluation/metrics.ts). Left out: the task says it."),
  scores: z
    .record(z.string(), z.number())
    .optional()
    .describe("Further scores of the same answer, 0 to 1, by name: LooGLE's meteor, meteorSets, bertScore, bertScoreF1, judge."),
  promptTokens: z.int().positive().optional().describe("True length of the prompt, where it differs from `length`."),
});
export type ResultRow = z.infer<typeof resultRowSchema>;

/** A document's score in a task of lm-evaluation-harness. */
export const abilityRowSchema = z.object({
  model: z.string(),
  task: z.string().describe("Name of the task there, such as mmlu_anatomy."),
  group: z.string().optional().describe("What was asked for, where that is a group of tasks: mmlu."),
  metric: z.string().describe("acc, exact_match, ..."),
  document: z.int().nonnegative(),
  score: z.number(),
});
export type AbilityRow = z.infer<typeof abilityRowSchema>;

/** What was to be measured and was not: no partial score is shown as whole. */
export const missingSchema = z.object({
  model: z.string().nullable().describe("null: of every model."),
  task: z.string(),
  length: z.int().positive().nullable(),
  count: z.int().positive().describe("Prompts that are missing."),
  reason: z.string().describe("One sentence for people, naming the first prompt concerned."),
});
export type Missing = z.infer<typeof missingSchema>;

export const resultsSchema = z.object({
  version: z.literal(1),
  run: z.string(),
  window: z.int().positive().describe("W: the original window."),
  targetLength: z.int().positive().describe("T."),
  rows: z.array(resultRowSchema),
  abilities: z.array(abilityRowSchema).optional(),
  missing: z.array(missingSchema).optional(),
});
export type Results = z.infer<typeof resultsSchema>;
