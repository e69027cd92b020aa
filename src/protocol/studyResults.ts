/** study.json: what a study has found so far. Tables, pictures and the documentation are made from this file alone. */
import * as z from "zod";
import { coverageFileSchema } from "./coverage.js";

/** Values of one model of one run, by the names in study/measures.ts (`multikey@512`, `perplexity.beyond`, ...). */
const measuresSchema = z.record(z.string(), z.number());

/** What a run of a study cost; null where it trains nothing or the worker told nothing. */
export const costSchema = z.object({
  trainingTokens: z.number().nullable().describe("Tokens that went through the model in the extension, padding not counted."),
  replayTokens: z.number().nullable(),
  trainingFlops: z.number().nullable().describe("Floating-point operations of extension and replay, estimated from shapes."),
  scoringFlops: z.number().nullable().describe("Operations of scoring the corpus for the selection; runs of a study share them."),
  seconds: z.number().nullable().describe("Wall-clock time of extension, replay and merge."),
  memoryBytes: z.number().nullable().describe("Largest memory that a training process reported."),
});
export type Cost = z.infer<typeof costSchema>;

export const studyCellSchema = z.object({
  row: z.string(),
  seed: z.int().nonnegative(),
  changes: z.record(z.string(), z.unknown()).describe("Recipe keys in which this row differs from the others of the study."),
  run: z.string().describe("Run directory, relative to study.json."),
  status: z.enum(["open", "done", "failed"]),
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).optional(),
  window: z.int().positive().optional().describe("W of the model."),
  targetLength: z.int().positive().optional(),
  cost: costSchema.optional(),
  models: z.record(z.string(), measuresSchema).optional().describe("By model: base, rope, extended, merged, ..."),
  coverage: coverageFileSchema.shape.coverage.element.optional().describe("Relative distances trained."),
});
export type StudyCell = z.infer<typeof studyCellSchema>;

const estimateSchema = z.object({
  mean: z.number(),
  low: z.number().nullable().describe("95 % interval (Student's t over seeds); null for a single seed."),
  high: z.number().nullable(),
  values: z.array(z.number()).describe("One a seed."),
});
export type Estimate = z.infer<typeof estimateSchema>;

export const studyRowSchema = z.object({
  row: z.string(),
  model: z.string(),
  seeds: z.array(z.int()),
  estimates: z.record(z.string(), estimateSchema),
  differences: z.record(z.string(), estimateSchema).describe("This row minus the reference row, paired by seed."),
});
export type StudyRow = z.infer<typeof studyRowSchema>;

/** How far two ways of scoring the same tokens agree. */
export const agreementSchema = z.object({
  seed: z.int(),
  first: z.string(),
  second: z.string(),
  tokens: z.int(),
  spearman: z.number().describe("Rank correlation of the scores."),
  overlap: z.number().describe("Share of the impactful tokens of the first that the second calls impactful, too."),
  chance: z.number().describe("That share, were both chosen independently."),
});
export type Agreement = z.infer<typeof agreementSchema>;

export const studyReportSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  title: z.string(),
  question: z.string().nullable(),
  models: z.array(z.string()),
  reference: z.string().nullable(),
  cells: z.array(studyCellSchema),
  rows: z.array(studyRowSchema),
  agreement: z.array(agreementSchema),
});
export type StudyReport = z.infer<typeof studyReportSchema>;
