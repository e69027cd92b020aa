/** How much of the loss is gained by distant context: every token scored with all of what stands before it, and with the near part alone. */
import { doublingLengths } from "./lengths.js";

/** Tokens whose loss falls by more than this many nats count as gaining: they become at least a tenth more likely. */
export const gainThreshold = 0.1;

/**
 * Key tokens of LongPPL (arXiv 2410.23771): distant context makes them at least e² times as likely, and they are then not
 * unlikely (log-probability above -2).
 */
export const keyGain = 2;
export const keyLogprob = -2;

/** What distant context gives at the positions of one bin. */
export interface ContrastBin {
  /** End of the bin of positions. */
  readonly end: number;
  readonly tokens: number;
  /** Sum of the gains in nats: log-probability with all context minus that with the near part. */
  readonly gain: number;
  /** Tokens that gain more than `gainThreshold`. */
  readonly gaining: number;
}

/**
 * Gains by position. Positions that the near part covers whole, [0, context], cannot gain and are left out, as are tokens
 * without both scores (NaN).
 * @param full log-probabilities with all context
 * @param near those with at most `context` tokens before
 */
export function contrastBins(full: Float32Array, near: Float32Array, context: number, window: number, target: number): ContrastBin[] {
  return doublingLengths(window, target).flatMap((end, place, ends) => {
    let tokens = 0;
    let gain = 0;
    let gaining = 0;
    const start = Math.max(context + 1, place === 0 ? 0 : (ends[place - 1] ?? 0));
    for (let position = start; position < Math.min(end, full.length); position++) {
      const difference = gainAt(full, near, position);
      if (Number.isNaN(difference)) continue;
      tokens++;
      gain += difference;
      if (difference > gainThreshold) gaining++;
    }
    return tokens === 0 ? [] : [{ end, tokens, gain, gaining }];
  });
}

function gainAt(full: Float32Array, near: Float32Array, position: number): number {
  return (full[position] ?? Number.NaN) - (near[position] ?? Number.NaN);
}

/** Positions of the key tokens, by the scores of the model that tells them. */
export function keyTokens(full: Float32Array, near: Float32Array, context: number): number[] {
  const found: number[] = [];
  for (let position = context + 1; position < full.length; position++) {
    if (gainAt(full, near, position) > keyGain && (full[position] ?? Number.NaN) > keyLogprob) found.push(position);
  }
  return found;
}

/** Loss of a model at given positions, by the same bins. */
export function lossAt(
  logprob: Float32Array,
  positions: readonly number[],
  window: number,
  target: number,
): { end: number; tokens: number; sum: number }[] {
  const ends = doublingLengths(window, target);
  const bins = new Map<number, { end: number; tokens: number; sum: number }>();
  for (const position of positions) {
    const value = logprob[position] ?? Number.NaN;
    const end = ends.find((one) => position < one);
    if (Number.isNaN(value) || end === undefined) continue;
    const bin = bins.get(end) ?? { end, tokens: 0, sum: 0 };
    bins.set(end, { end, tokens: bin.tokens + 1, sum: bin.sum - value });
  }
  return [...bins.values()].sort((a, b) => a.end - b.end);
}
