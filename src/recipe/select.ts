/** Selection: which sentences of a document a sample keeps (arXiv 2409.00509, section 3.1). */
import type { Recipe } from "../protocol/recipe.js";
import type { Random } from "./random.js";

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

/**
 * Order in which sentences are taken. Anchors come before the rest, the rest at random. `strict` ranks the anchors by
 * their measure; otherwise they are drawn without replacement with probability proportional to it
 * (Efraimidis and Spirakis 2006), so that several samples of one document differ.
 * @returns sentence numbers, first taken first
 */
export function rankSentences(
  lengths: Int32Array,
  impactful: Int32Array,
  order: SelectionOrder,
  strict: boolean,
  random: Random,
): Uint32Array {
  const count = lengths.length;
  const keys = new Float64Array(count);
  const ties = new Float64Array(count);
  const ranked = new Uint32Array(count);
  for (let sentence = 0; sentence < count; sentence++) {
    const weight = measure(order, lengths[sentence] ?? 0, impactful[sentence] ?? 0);
    const draw = random.unit();
    ranked[sentence] = sentence;
    ties[sentence] = draw;
    // Draws are compared as log(u) / w, which stays exact where u ^ (1 / w) would vanish; anchors rank above the rest.
    keys[sentence] = weight === 0 ? -Infinity : strict ? weight : Math.log1p(-draw) / weight;
  }
  return ranked.sort((a, b) => {
    const left = keys[a] ?? 0;
    const right = keys[b] ?? 0;
    return left === right ? (ties[b] ?? 0) - (ties[a] ?? 0) : left < right ? 1 : -1;
  });
}

/**
 * Chooses sentences for a sample of at most `budget` tokens: whole sentences in ranked order while they fit; one that
 * does not fit is passed over and smaller ones after it fill the rest. Sentence order within the document stays.
 * @returns the kept sentence numbers, ascending. Empty only where no sentence fits.
 */
export function chooseSentences(lengths: Int32Array, ranked: Uint32Array, budget: number): Uint32Array {
  let shortest = Infinity;
  for (const length of lengths) if (length < shortest) shortest = length;
  const kept = new Uint32Array(lengths.length);
  let count = 0;
  let left = budget;
  for (const sentence of ranked) {
    if (left < shortest) break;
    const length = lengths[sentence] ?? 0;
    if (length > left) continue;
    kept[count++] = sentence;
    left -= length;
  }
  return kept.slice(0, count).sort();
}
