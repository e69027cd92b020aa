/** Significance: how much a token's score changes from the base to the extended reference. */
import type { Recipe, Significance } from "../protocol/recipe.js";

export type SignificanceMeasure = Significance["measure"];

/** Tokens scored at once: as chosen, else T; where only the base model scores (contrast), no more than its own window. */
export function scoringWindow(recipe: Pick<Recipe, "significance" | "targetLength">, window: number): number {
  const { significance, targetLength } = recipe;
  return significance.window ?? (significance.reference.source === "contrast" ? Math.min(window, targetLength) : targetLength);
}

/** What a token sees of the text before it. */
export interface View {
  /** Tokens in one forward pass. */
  readonly window: number;
  /** Windows overlap by this much. */
  readonly minContext: number;
}

/**
 * The view that is cut to `context` tokens (contrast): it slides by `stride`, so that each token sees between
 * context + 1 - stride and context tokens. The worker's `score` job makes the same of a job's `context` and `stride`.
 */
export function truncatedView(plain: View, context: number, stride = Math.floor((context + 1) / 2)): View {
  return context + 1 < plain.window ? { window: context + 1, minContext: context + 1 - stride } : plain;
}

/** Scores of one document's true tokens under one model; NaN for the first token, which nothing predicts. */
export interface TokenScores {
  readonly logit: Float32Array;
  readonly logprob: Float32Array;
}

/**
 * Significance of each token. `logit` is the paper's unnormalised logit_ext(x_i) - logit_base(x_i)
 * (arXiv 2409.00509, eq. 1), `absolute` its absolute value, `logprob` the difference of log-probabilities.
 * @returns one number a token; NaN where one of the models gave none
 * @throws RangeError when the models scored different numbers of tokens
 */
export function significance(base: TokenScores, extended: TokenScores, measure: SignificanceMeasure): Float32Array {
  const column = measure === "logprob" ? "logprob" : "logit";
  const before = base[column];
  const after = extended[column];
  if (before.length !== after.length) throw new RangeError(`${before.length} base scores for ${after.length} extended scores`);
  const difference = new Float32Array(before.length);
  for (let token = 0; token < difference.length; token++) {
    const value = (after[token] ?? Number.NaN) - (before[token] ?? Number.NaN);
    difference[token] = measure === "absolute" ? Math.abs(value) : value;
  }
  return difference;
}
