/** Intervals of changes measured on the same prompts and documents: narrower, and fairer, than those of each alone. */
import type { Estimated } from "../protocol/evaluationView.js";
import { tQuantile } from "../study/statistics.js";
import { wilson } from "./intervals.js";

export interface WeightedPair {
  readonly difference: number;
  readonly weight: number;
}

/**
 * Weighted mean of differences with its interval of 95 % by Student's t, the pairs being the units (documents, not
 * tokens: tokens of one document are alike). A single pair has the widest interval there is.
 */
export function logRatioInterval(pairs: readonly WeightedPair[]): Estimated {
  const total = pairs.reduce((sum, { weight }) => sum + weight, 0);
  const value = pairs.reduce((sum, { difference, weight }) => sum + difference * weight, 0) / total;
  const n = pairs.length;
  if (n < 2) return { value, low: -Infinity, high: Infinity };
  // Variance of a ratio estimator (linearised): residuals weighted by their share.
  const squares = pairs.reduce((sum, { difference, weight }) => sum + ((weight / total) * (difference - value)) ** 2, 0);
  const spread = tQuantile(0.975, n - 1) * Math.sqrt((squares * n) / (n - 1));
  return { value, low: value - spread, high: value + spread };
}

/**
 * Difference of two shares measured on the same trials, first minus second, with its interval of 95 %: Newcombe's
 * hybrid of Wilson intervals for paired data (Statistics in Medicine 17, 1998, 2635-2650, method 10).
 */
export function pairedDifference(pairs: readonly (readonly [boolean, boolean])[]): Estimated {
  const n = pairs.length;
  const count = (first: boolean, second: boolean): number => pairs.filter((pair) => pair[0] === first && pair[1] === second).length;
  const [a, b, c, d] = [count(true, true), count(true, false), count(false, true), count(false, false)];
  const [p1, p2] = [(a + b) / n, (a + c) / n];
  const first = wilson(a + b, n);
  const second = wilson(a + c, n);
  const product = (a + b) * (c + d) * (a + c) * (b + d);
  const determinant = a * d - b * c;
  const numerator = determinant > 0 ? Math.max(determinant - n / 2, 0) : determinant;
  const correlation = product === 0 ? 0 : numerator / Math.sqrt(product);
  const spread = (x: number, y: number): number => Math.sqrt(Math.max(0, x * x - 2 * correlation * x * y + y * y));
  return {
    value: p1 - p2,
    low: p1 - p2 - spread(p1 - first.low, second.high - p2),
    high: p1 - p2 + spread(first.high - p1, p2 - second.low),
  };
}
