/** What `prepare` says of a corpus, for the stages and reports after it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { corpusSources, type Corpus } from "../../protocol/recipe.js";
import type { Mixture } from "../../recipe/mixture.js";
import { prepareFiles } from "./files.js";

const omissionSchema = z.object({
  unreadable: z.int(),
  empty: z.int(),
  repeated: z.int(),
  examples: z.array(z.object({ path: z.string(), reason: z.string() })),
});

const sourceSchema = z.object({
  key: z.string().describe("Key path in the recipe: `corpus`, or `corpus[1]` in a list."),
  documents: z.int(),
  tokens: z.int(),
});
export type SourceSummary = z.infer<typeof sourceSchema>;

export const prepareSummarySchema = z.object({
  documents: z.int(),
  tokens: z.int(),
  replayDocuments: z.int(),
  replayTokens: z.int(),
  sources: z.array(sourceSchema).default([]).describe("Documents are numbered source after source."),
  replaySources: z.array(sourceSchema).default([]).describe("Their documents follow those of `sources`."),
  omitted: omissionSchema.default({ unreadable: 0, empty: 0, repeated: 0, examples: [] }).describe("Documents of the corpus left out."),
  replayOmitted: omissionSchema.nullable().default(null),
});
/** summary.json of the stage. Runs older than lists of sources lack the last four keys. */
export type PrepareSummary = z.infer<typeof prepareSummarySchema>;

/** @param directory output folder of `prepare` */
export async function readPrepareSummary(directory: string): Promise<PrepareSummary> {
  return prepareSummarySchema.parse(JSON.parse(await readFile(join(directory, prepareFiles.summary), "utf8")));
}

/** Weights of a corpus's sources, where the recipe gives any; sources without one beside others that have one weigh 1. */
export function sourceWeights(corpus: Corpus): number[] | null {
  const sources = corpusSources(corpus);
  if (sources.length < 2 || sources.every(({ source }) => source.weight === undefined)) return null;
  return sources.map(({ source }) => source.weight ?? 1);
}

/**
 * The mixture of a corpus whose documents begin with number `first` in the table.
 * @param document number in the table of the document at an index
 */
export function mixtureOf(
  corpus: Corpus,
  sources: readonly SourceSummary[],
  first: number,
  document: (index: number) => number,
): Mixture | undefined {
  const weights = sourceWeights(corpus);
  if (weights === null) return undefined;
  let end = first;
  const ends = sources.map((source) => (end += source.documents));
  return {
    weights,
    sourceOf: (index) => ends.findIndex((border) => document(index) < border),
    key: (source) => sources[source]?.key ?? "corpus",
  };
}
