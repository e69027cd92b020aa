/** What stage `prepare` says of the corpora: its summary.json. */
import * as z from "zod";

const count = z.int().nonnegative();

/** Documents left out, by reason; `examples` are the first unreadable ones. */
export const omissionCountsSchema = z.object({
  unreadable: count,
  empty: count,
  repeated: count,
  examples: z.array(z.object({ path: z.string(), reason: z.string() })),
});
export type OmissionCounts = z.infer<typeof omissionCountsSchema>;

const sourceSchema = z.object({
  key: z.string().describe("Key path in the recipe: `corpus`, or `corpus[1]` in a list."),
  documents: count,
  tokens: count,
});
export type SourceSummary = z.infer<typeof sourceSchema>;

export const prepareSummarySchema = z.object({
  documents: count,
  tokens: count,
  replayDocuments: count,
  replayTokens: count,
  sources: z.array(sourceSchema).default([]).describe("Documents are numbered source after source."),
  replaySources: z.array(sourceSchema).default([]).describe("Their documents follow those of `sources`."),
  omitted: omissionCountsSchema
    .default({ unreadable: 0, empty: 0, repeated: 0, examples: [] })
    .describe("Documents of the corpus left out."),
  replayOmitted: omissionCountsSchema.nullable().default(null),
});
/** Runs older than lists of sources lack the last four keys. */
export type PrepareSummary = z.infer<typeof prepareSummarySchema>;
