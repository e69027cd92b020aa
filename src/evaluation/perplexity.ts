/** Perplexity by position: mean negative log-likelihood in bins that double from inside the window to the target. */
import { doublingLengths } from "./lengths.js";

/** Sum of negative log-likelihoods, in nats, of the tokens at positions [start, end). */
export interface PositionBin {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  readonly sum: number;
}

/**
 * Bins one document's scores by position. Bins end at W/4, W/2, W, 2W, ..., T; NaN (the first token) is left out.
 * @param logprob log-probability of each token
 * @returns bins that hold a token
 */
export function binByPosition(logprob: Float32Array, window: number, target: number): PositionBin[] {
  const bins: PositionBin[] = [];
  let start = 0;
  for (const end of doublingLengths(window, target)) {
    let sum = 0;
    let tokens = 0;
    for (let position = start; position < Math.min(end, logprob.length); position++) {
      const value = logprob[position] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      sum -= value;
      tokens++;
    }
    if (tokens > 0) bins.push({ start, end, tokens, sum });
    start = end;
  }
  return bins;
}
