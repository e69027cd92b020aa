/** Selection: which sentences of a document a sample keeps (arXiv 2409.00509, section 3.1). */
import type { Recipe } from "../protocol/recipe.js";
import type { Random } from "./random.js";
import type { SampleKernel } from "./kernel/sampleKernel.js";

export type SelectionOrder = Recipe["selection"]["order"];

/** Sentences of one document that hold tokens: sentence i is tokens [first[i], first[i + 1]), the last ends with the document. */
export interface SentenceCounts {
  readonly first: Int32Array;
  /** Impactful tokens in each sentence; a sentence with any is an anchor. */
  readonly impactful: Int32Array;
  /** Sum of the significance of the impactful tokens of each sentence. */
  readonly score: Float32Array;
}

/**
 * Counts impactful tokens by sentence.
 * @param first first token of each sentence, ascending from 0
 * @param scores significance of each token; NaN is never impactful
 * @param threshold least significance of an impactful token
 */
export function countImpactful(first: Int32Array, scores: Float32Array, threshold: number): SentenceCounts {
  const impactful = new Int32Array(first.length);
  const score = new Float32Array(first.length);
  for (let sentence = 0; sentence < first.length; sentence++) {
    const end = first[sentence + 1] ?? scores.length;
    let count = 0;
    let sum = 0;
    for (let token = first[sentence] ?? 0; token < end; token++) {
      const value = scores[token] ?? Number.NaN;
      if (value >= threshold) {
        count++;
        sum += value;
      }
    }
    impactful[sentence] = count;
    score[sentence] = sum;
  }
  return { first, impactful, score };
}

/** How strongly a sentence is wanted: 0 for one without impactful tokens. */
function measure(order: SelectionOrder, length: number, impactful: number): number {
  switch (order) {
    case "density":
      return length === 0 ? 0 : impactful / length;
    case "sum":
      return impactful;
    case "random":
    case "coherent":
      return 0;
  }
}

/** How sentences are ranked. */
export interface Ranking {
  readonly order: SelectionOrder;
  /** Weight of an average anchor against a sentence that is none; left out: anchors come first. */
  readonly upsample?: number | undefined;
  /** Ranks anchors by their measure; otherwise they are drawn. Without meaning where `upsample` is set: then all are drawn. */
  readonly strict: boolean;
}

/** Lengths and impactful tokens of sentences. */
export type Measured = Pick<SentenceCounts, "impactful"> & { readonly lengths: Int32Array };

/**
 * Order in which sentences are taken: highest key first, then the highest tie, then the lowest number. Anchors come
 * before the rest, the rest at random. `strict` ranks the anchors by their measure; otherwise they are drawn without
 * replacement with probability proportional to it (Efraimidis and Spirakis 2006), so that several samples of one document
 * differ. With `upsample` every sentence is drawn so: one that is no anchor with weight 1, an anchor with `upsample` times
 * its measure over the anchors' mean.
 * @param ties uniform draws in [0, 1), one a sentence
 * @param keys filled: numbers, -Infinity for what comes behind all others
 */
export function rankingKeys({ lengths, impactful }: Measured, ranking: Ranking, ties: Float64Array, keys: Float64Array): void {
  const { order, upsample, strict } = ranking;
  const scale = upsample === undefined ? 1 : upsample / anchorMean(lengths, impactful, order);
  const exact = strict && upsample === undefined;
  for (let sentence = 0; sentence < lengths.length; sentence++) {
    const measured = measure(order, lengths[sentence] ?? 0, impactful[sentence] ?? 0) * scale;
    const weight = upsample !== undefined && measured === 0 ? 1 : measured;
    // Draws are compared as log(u) / w, which stays exact where u ^ (1 / w) would vanish; anchors rank above the rest.
    keys[sentence] = weight === 0 ? -Infinity : exact ? weight : Math.log1p(-(ties[sentence] ?? 0)) / weight;
  }
}

/** Mean measure of the anchors; 1 where there is none. */
function anchorMean(lengths: Int32Array, impactful: Int32Array, order: SelectionOrder): number {
  let sum = 0;
  let anchors = 0;
  for (let sentence = 0; sentence < lengths.length; sentence++) {
    const measured = measure(order, lengths[sentence] ?? 0, impactful[sentence] ?? 0);
    if (measured === 0) continue;
    sum += measured;
    anchors++;
  }
  return anchors === 0 ? 1 : sum / anchors;
}

/**
 * Chooses sentences for a sample of at most `budget` tokens: whole sentences in ranked order (`rankingKeys`) while they
 * fit; one that does not fit is passed over and smaller ones after it fill the rest. Sentence order within the document
 * stays.
 * @param count sentences in the kernel's columns `lengths` and `impactful`
 * @returns how many are kept; their numbers are in `kernel.kept`, ascending. 0 only where no sentence fits.
 */
export function chooseRanked(kernel: SampleKernel, count: number, ranking: Ranking, budget: number, random: Random): number {
  const ties = random.units(kernel.ties.subarray(0, count));
  // The usual case, without looking at the ranking again for each sentence.
  if (ranking.strict && ranking.upsample === undefined && ranking.order === "density") kernel.densities(count);
  else {
    const measured = { lengths: kernel.lengths.subarray(0, count), impactful: kernel.impactful.subarray(0, count) };
    rankingKeys(measured, ranking, ties, kernel.keys);
  }
  return kernel.takeRanked(count, budget);
}

/**
 * One run of sentences of at most `budget` tokens, from a sentence drawn so that every token is about equally likely to
 * be held (the ablation `coherent`). Sentences longer than the budget end a run; at least one sentence is kept if one fits.
 */
export function chooseRun(lengths: Int32Array, budget: number, random: Random): Int32Array {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const offset = random.integer(0, Math.max(0, total - budget));
  let first = 0;
  for (let passed = 0; first < lengths.length && passed < offset; first++) passed += lengths[first] ?? 0;
  while (first < lengths.length && (lengths[first] ?? 0) > budget) first++;
  let end = first;
  for (let left = budget; end < lengths.length && (lengths[end] ?? 0) <= left; end++) left -= lengths[end] ?? 0;
  return Int32Array.from({ length: end - first }, (_, at) => first + at);
}
