/** Perplexity by position over held-out documents. */
import { promptHash } from "../../../evaluation/needle.js";
import { binByPosition } from "../../../evaluation/perplexity.js";
import type { ResultRow } from "../../../protocol/results.js";

/** A document to measure, cut to the target length. */
export interface MeasuredDocument {
  readonly document: number;
  readonly ids: Int32Array;
}

/** The first `count` documents that reach the target length; where there are too few, then the longest of the others. */
export function measuredDocuments(all: readonly MeasuredDocument[], count: number, target: number): MeasuredDocument[] {
  const full = all.filter(({ ids }) => ids.length >= target);
  const others = all.filter(({ ids }) => ids.length < target && ids.length > 1).sort((a, b) => b.ids.length - a.ids.length);
  return [...full, ...others]
    .slice(0, count)
    .map(({ document, ids }) => ({ document, ids: ids.subarray(0, target) }))
    .sort((a, b) => a.document - b.document);
}

/** One row for each bin of positions of one document under one model. */
export function perplexityRows(
  model: string,
  { ids }: MeasuredDocument,
  trial: number,
  logprob: Float32Array,
  window: number,
  target: number,
): ResultRow[] {
  const hash = promptHash(ids);
  return binByPosition(logprob, window, target).map(({ end, tokens, sum }) => ({
    model,
    task: "perplexity",
    length: end,
    depth: null,
    trial,
    promptHash: hash,
    answer: null,
    expected: null,
    score: sum / tokens,
    tokens,
  }));
}
