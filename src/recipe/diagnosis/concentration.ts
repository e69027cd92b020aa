/** Whether significance singles out sentences at all, against the same scores in random order. */
import type { Diagnosis } from "../../protocol/events.js";

/** Sums over sentences of n scored tokens, k of them impactful; and over the scores themselves. */
export interface ConcentrationSums {
  n: number;
  k: number;
  nn: number;
  nk: number;
  kk: number;
  score: number;
  scoreSquared: number;
}

export const noConcentration: Readonly<ConcentrationSums> = { n: 0, k: 0, nn: 0, nk: 0, kk: 0, score: 0, scoreSquared: 0 };

/** Adds the sentences of one document. `first`: first token of each, ascending from 0. */
export function addSentences(sums: ConcentrationSums, first: Int32Array, scores: Float32Array, threshold: number): void {
  for (let sentence = 0; sentence < first.length; sentence++) {
    const end = first[sentence + 1] ?? scores.length;
    let n = 0;
    let k = 0;
    for (let token = first[sentence] ?? 0; token < end; token++) {
      const value = scores[token] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      n++;
      if (value >= threshold) k++;
      sums.score += value;
      sums.scoreSquared += value * value;
    }
    sums.n += n;
    sums.k += k;
    sums.nn += n * n;
    sums.nk += n * k;
    sums.kk += k * k;
  }
}

export interface Concentration {
  /**
   * Intraclass correlation of being impactful within sentences: 0 when impactful tokens lie as in a shuffled corpus, 1
   * when a sentence's tokens are all impactful or none is.
   */
  readonly correlation: number;
  /** Standard deviation of that number over shuffles. */
  readonly error: number;
}

/**
 * Compares the spread of impactful tokens over sentences with its mean over all permutations of the scores, which is
 * known exactly (multivariate hypergeometric), so that nothing has to be shuffled.
 * @returns null where nothing can be said: no sentence of two scored tokens, or all or none of them impactful
 */
export function concentration(sums: ConcentrationSums): Concentration | null {
  const { n, k, nn, nk, kk } = sums;
  const share = k / n;
  const variance = share * (1 - share);
  const pairs = nn - n;
  if (!(variance > 0) || pairs <= 0 || n < 2) return null;
  const observed = kk - 2 * share * nk + share * share * nn;
  const shuffled = (variance * (n * n - nn)) / (n - 1);
  // Var[(k - n q)^2] of a binomial, summed over sentences.
  const error = Math.sqrt(Math.max(0, 2 * variance * variance * pairs + (1 - 4 * variance) * variance * n)) / (variance * pairs);
  return { correlation: (observed - shuffled) / (variance * pairs), error };
}

/** Standard deviation of the scores. */
export function scoreSpread({ n, score, scoreSquared }: ConcentrationSums): number {
  return Math.sqrt(Math.max(0, scoreSquared / n - (score / n) ** 2));
}

/**
 * Below this correlation choosing sentences is choosing at random: with sentences of 25 tokens the variance of what they
 * hold is 1 + 24 · 0.01 times that of a shuffled corpus. Measured on the embedded model's corpus: 0.014 to 0.18 for scores of
 * its references at top fractions of 5 to 40 %, at most 0.002 for the same scores shuffled within documents.
 */
const uniformCorrelation = 0.01;
/** Scores that differ by less than this (nats, or logits) come from one model twice: real references spread over 0.3 and more. */
const sameModelSpread = 0.02;

export function diagnoseConcentration(sums: ConcentrationSums): Diagnosis | null {
  if (sums.n < 2) return null;
  const spread = scoreSpread(sums);
  const spreadText = `scores spread over ${spread.toPrecision(2)}`;
  const title = "Significance is close to uniform";
  const setting =
    "significance.reference: another source (`warmup` and `checkpoint` know the long range, `contrast` compares inside the window); or selection.order `random`, which costs no scoring.";
  if (spread < sameModelSpread) {
    const cause = "The extended reference hardly differs from the base model, so its scores are rounding errors.";
    return { kind: "diagnosis", title, evidence: `The ${spreadText}.`, cause, setting };
  }
  const found = concentration(sums);
  if (found === null || (found.correlation >= uniformCorrelation && found.correlation >= 3 * found.error)) return null;
  const shuffled = `0 ± ${(2 * found.error).toFixed(4)} in a shuffled corpus`;
  return {
    kind: "diagnosis",
    title,
    evidence: `Impactful tokens correlate within sentences by ${found.correlation.toFixed(4)} (${shuffled}); ${spreadText}.`,
    cause: "The reference gains as much on any token as on another: sentences chosen by it are random ones.",
    setting,
  };
}
