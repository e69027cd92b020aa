import type { Random } from "../../../src/recipe/random.js";
import { rankingKeys, type Ranking } from "../../../src/recipe/select.js";

/** Order of items by keys and ties, as the method has it: the plain way. */
export function rankedOrder(keys: Float64Array, ties: Float64Array): number[] {
  return Array.from(keys, (_, item) => item).sort((a, b) =>
    keys[a] === keys[b] ? ties[b]! - ties[a]! || a - b : keys[b]! > keys[a]! ? 1 : -1,
  );
}

/** Sentence numbers in the order in which they are taken. */
export function rankSentences(lengths: Int32Array, impactful: Int32Array, ranking: Ranking, random: Random): number[] {
  const ties = random.units(new Float64Array(lengths.length));
  const keys = new Float64Array(lengths.length);
  rankingKeys({ lengths, impactful }, ranking, ties, keys);
  return rankedOrder(keys, ties);
}
