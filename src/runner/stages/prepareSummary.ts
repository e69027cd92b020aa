/** What `prepare` says of a corpus, for the stages and reports after it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { prepareSummarySchema, type PrepareSummary, type SourceSummary } from "../../protocol/corpusSummary.js";
import { corpusSources, type Corpus } from "../../protocol/recipe.js";
import type { Mixture } from "../../recipe/mixture.js";
import { prepareFiles } from "./files.js";

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

/** Numbers of documents, `end` not among them. */
export interface DocumentRange {
  readonly first: number;
  readonly end: number;
}

/** The numbers that each source's documents have, where those of the first begin with `first`. */
export function documentRanges(sources: readonly SourceSummary[], first: number): DocumentRange[] {
  let end = first;
  return sources.map(({ documents, foreign }) => {
    const begin = end;
    end += documents + foreign;
    return { first: begin, end };
  });
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
  const ranges = documentRanges(sources, first);
  return {
    weights,
    sourceOf: (index) => ranges.findIndex(({ end }) => document(index) < end),
    key: (source) => sources[source]?.key ?? "corpus",
  };
}
