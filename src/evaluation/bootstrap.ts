/** Intervals and probabilities of mean differences on the same prompts: bootstrap and permutation, seeded, so that a file always tells the same. */
import { mean, quantileSorted } from "d3-array";
import { errorFunction } from "simple-statistics";
import type { Estimated } from "../protocol/evaluationView.js";
import { Random } from "../recipe/random.js";

const seed = 20231;
const defaultResamples = 4000;

/**
 * Mean of paired differences with its interval of 95 % by the bias-corrected and accelerated bootstrap (BCa; Efron 1987),
 * pairs being the units. A single pair has the widest interval there is; equal differences have one of no width.
 */
export function pairedBootstrap(differences: readonly number[], resamples = defaultResamples): Estimated {
  const n = differences.length;
  const value = mean(differences) ?? Number.NaN;
  if (n < 2) return { value, low: -Infinity, high: Infinity };
  const squares = differences.reduce((sum, one) => sum + (one - value) ** 2, 0);
  if (squares === 0) return { value, low: value, high: value };
  const means = [...resampledMeans(differences, resamples)];
  const below = means.filter((one) => one < value).length + means.filter((one) => one === value).length / 2;
  // Beyond the resamples nothing is known: half a resample stands at each end.
  const bias = normalQuantile(Math.min(Math.max(below, 0.5), resamples - 0.5) / resamples);
  // In units of their spread: powers of small differences would vanish.
  const spread = Math.sqrt(squares);
  const acceleration = differences.reduce((sum, one) => sum + ((one - value) / spread) ** 3, 0) / 6;
  const level = (z: number): number => normalProbability(bias + (bias + z) / (1 - acceleration * (bias + z)));
  const at = (z: number): number => quantileSorted(means, level(z)) ?? Number.NaN;
  return { value, low: Math.min(value, at(-z95)), high: Math.max(value, at(z95)) };
}

const z95 = 1.959963984540054;

/** Ascending. */
function resampledMeans(values: readonly number[], resamples: number): Float64Array {
  const random = new Random(seed, "bootstrap", values.length);
  const n = values.length;
  const source = Float64Array.from(values);
  const draws = new Float64Array(n);
  const means = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    random.units(draws);
    let sum = 0;
    for (let at = 0; at < n; at++) sum += source[Math.floor((draws[at] ?? 0) * n)] ?? 0;
    means[resample] = sum / n;
  }
  return means.sort();
}

/** Up to this many pairs every way to turn signs is counted. */
const exactPairs = 14;
const permutations = 10_000;

/**
 * Two-sided probability of a mean difference at least this large where the two models of each pair are as good as each other:
 * signs are turned, all ways for few pairs, else by lot.
 */
export function signFlipProbability(differences: readonly number[]): number {
  const changed = Float64Array.from(differences.filter((one) => one !== 0));
  const n = changed.length;
  if (n === 0) return 1;
  // Sums that are equal may differ in their last bits.
  const reached = Math.abs(changed.reduce((sum, one) => sum + one, 0)) * (1 - 1e-12);
  let extreme = 0;
  if (n <= exactPairs) {
    for (let signs = 0; signs < 1 << n; signs++) {
      let sum = 0;
      for (let at = 0; at < n; at++) sum += (signs >> at) & 1 ? (changed[at] ?? 0) : -(changed[at] ?? 0);
      if (Math.abs(sum) >= reached) extreme++;
    }
    return extreme / (1 << n);
  }
  const random = new Random(seed, "signs", n);
  const draws = new Float64Array(n);
  for (let permutation = 0; permutation < permutations; permutation++) {
    random.units(draws);
    let sum = 0;
    for (let at = 0; at < n; at++) sum += (draws[at] ?? 0) < 0.5 ? (changed[at] ?? 0) : -(changed[at] ?? 0);
    if (Math.abs(sum) >= reached) extreme++;
  }
  return (extreme + 1) / (permutations + 1);
}

/**
 * Whether each of several findings still holds when all are looked at together (Holm 1979): the chance that any of them is a
 * mistake stays at 5 %.
 */
export function holm(probabilities: readonly number[], level = 0.05): boolean[] {
  const order = probabilities.map((_, place) => place).sort((a, b) => (probabilities[a] ?? 1) - (probabilities[b] ?? 1));
  const holds = probabilities.map(() => false);
  for (const [rank, place] of order.entries()) {
    if ((probabilities[place] ?? 1) > level / (probabilities.length - rank)) break;
    holds[place] = true;
  }
  return holds;
}

/** Probability that a standard normal variable lies below `z`, to 1e-7. */
function normalProbability(z: number): number {
  return (1 + errorFunction(z / Math.SQRT2)) / 2;
}

/** The inverse, by bisection. */
function normalQuantile(probability: number): number {
  let [low, high] = [-8, 8];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (normalProbability(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
