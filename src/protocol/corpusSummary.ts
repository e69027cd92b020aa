/** What the stages `prepare` and `significance` say of the corpora: their summary.json. */
import * as z from "zod";

const count = z.int().nonnegative();

/** Documents left out, by reason; `examples` are the first unreadable and foreign ones. */
export const omissionCountsSchema = z.object({
  unreadable: count,
  empty: count,
  repeated: count,
  foreign: count.default(0).describe("With a token that the model lacks."),
  examples: z.array(z.object({ path: z.string(), reason: z.string() })),
});
export type OmissionCounts = z.infer<typeof omissionCountsSchema>;

const sourceSchema = z.object({
  key: z.string().describe("Key path in the recipe: `corpus`, or `corpus[1]` in a list."),
  documents: count.describe("Those that are used."),
  tokens: count,
  foreign: count.default(0).describe("Left out for a token that the model lacks; they are numbered among the others."),
});
export type SourceSummary = z.infer<typeof sourceSchema>;

export const prepareSummarySchema = z.object({
  documents: count,
  tokens: count,
  replayDocuments: count,
  replayTokens: count,
  sources: z.array(sourceSchema).default([]).describe("Documents are numbered source after source, foreign ones among them."),
  replaySources: z.array(sourceSchema).default([]).describe("Their documents follow those of `sources`."),
  omitted: omissionCountsSchema
    .default({ unreadable: 0, empty: 0, repeated: 0, foreign: 0, examples: [] })
    .describe("Documents of the corpus left out."),
  replayOmitted: omissionCountsSchema.nullable().default(null),
});
/** Runs older than lists of sources lack the last four keys. */
export type PrepareSummary = z.infer<typeof prepareSummarySchema>;

export const significanceSummarySchema = z.object({
  tokens: count,
  documents: count,
  withoutScores: count.describe("Documents that a model gave no finite scores for, or lacks tokens of: left out of the training."),
});
export type SignificanceSummary = z.infer<typeof significanceSummarySchema>;
