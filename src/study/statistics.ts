/** Means over seeds with their intervals. */
import { mean, sampleStandardDeviation } from "simple-statistics";
import type { Estimate } from "../protocol/studyResults.js";

/**
 * Mean with a two-sided 95 % interval by Student's t: mean ± t(0.975, n - 1) · s / √n. A single value has no interval.
 * With three seeds t is 4.30, so intervals are wide: that is what three seeds can tell.
 */
export function estimate(values: readonly number[]): Estimate {
  const list = [...values];
  const centre = mean(list);
  if (list.length < 2) return { mean: centre, low: null, high: null, values: list };
  const spread = (tQuantile(0.975, list.length - 1) * sampleStandardDeviation(list)) / Math.sqrt(list.length);
  return { mean: centre, low: centre - spread, high: centre + spread, values: list };
}

/**
 * Probability that Student's t with `degrees` (an integer) of freedom lies below `t`, by the finite series of Abramowitz
 * and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
 */
export function tProbability(t: number, degrees: number): number {
  const theta = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const cosine = Math.cos(theta);
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  const inside = odd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
  return t < 0 ? (1 - inside) / 2 : (1 + inside) / 2;
}

/** The t that a share `probability` (at least one half) lies below, to 1e-10, by bisection. */
export function tQuantile(probability: number, degrees: number): number {
  let low = 0;
  let high = 1;
  while (tProbability(high, degrees) < probability) high *= 2;
  while (high - low > 1e-10 * Math.max(1, high)) {
    const middle = (low + high) / 2;
    if (tProbability(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
