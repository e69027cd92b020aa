/** Rows of the loss by distance, from the scores that perplexity is made of. */
import { lossByDistance } from "../../../evaluation/distance.js";
import { promptHash } from "../../../evaluation/needle.js";
import type { ResultRow } from "../../../protocol/results.js";
import type { MeasuredDocument } from "./perplexityTask.js";

/**
 * One row for each bin of distances of one document (`length` is the bin's end, in tokens back), and one for the tokens that
 * stand there for the first time (`length` is the target length, so that it is one for all documents).
 */
export function distanceRows(model: string, { ids }: MeasuredDocument, trial: number, logprob: Float32Array, target: number): ResultRow[] {
  const rest = { model, depth: null, trial, promptHash: promptHash(ids), answer: null, expected: null };
  const { byDistance, first } = lossByDistance(ids, logprob);
  return [
    ...[...byDistance].map(([length, { sum, tokens }]): ResultRow => ({
      ...rest,
      task: "loss-by-distance",
      length,
      score: sum / tokens,
      tokens,
    })),
    ...(first.tokens === 0
      ? []
      : [{ ...rest, task: "loss-by-distance/first", length: target, score: first.sum / first.tokens, tokens: first.tokens }]),
  ];
}
