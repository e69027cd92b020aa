/** Loss weights: how much each token of a sample counts, by its significance (`training.objective: significance`). */
import type { LossWeights } from "../protocol/recipe.js";

/**
 * Weights for the tokens of one sample. A token's weight is low + (high - low) · r ^ sharpness, where r is the rank of
 * its score among the sample's scored tokens, 0 for the least to 1 for the greatest, ties sharing their mean rank. Ranks,
 * because unnormalised logit offsets have no scale that would mean the same in two models. Then the weights are scaled
 * to a mean of 1, so that the learning rate keeps its meaning.
 *
 * The first token, which nothing predicts, and tokens without a score (NaN) weigh 1 and take no part in the scaling.
 * @param scores significance of each token of the sample
 * @returns one weight a token
 */
export function lossWeights(scores: Float32Array, { low, high, sharpness }: LossWeights): Float32Array {
  const weights = new Float32Array(scores.length).fill(1);
  const scored = scoredTokens(scores);
  if (scored.length < 2) return weights;
  scored.sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  const raw = new Float64Array(scored.length);
  let sum = 0;
  for (let start = 0; start < scored.length;) {
    let end = start + 1;
    while (end < scored.length && scores[scored[end] ?? 0] === scores[scored[start] ?? 0]) end++;
    const rank = (start + end - 1) / 2 / (scored.length - 1);
    const weight = low + (high - low) * rank ** sharpness;
    raw.fill(weight, start, end);
    sum += weight * (end - start);
    start = end;
  }
  for (let place = 0; place < scored.length; place++) weights[scored[place] ?? 0] = ((raw[place] ?? 0) * scored.length) / sum;
  return weights;
}

function scoredTokens(scores: Float32Array): Uint32Array {
  const tokens = new Uint32Array(scores.length);
  let count = 0;
  for (let token = 1; token < scores.length; token++) if (!Number.isNaN(scores[token] ?? Number.NaN)) tokens[count++] = token;
  return tokens.subarray(0, count);
}
