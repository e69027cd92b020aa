/**
 * Floating-point operations of a transformer, by the count that the field uses (Kaplan et al. 2020, appendix B of
 * PaLM): 2 N a token for the matrix products of a forward pass, twice that for the backward pass, and the attention
 * scores on top. Recomputed activations (gradient checkpointing) are not counted: it is the model's work, not the
 * machine's.
 */
import type { Inspection } from "../protocol/tables.js";

/** The facts that the count needs; an `Inspection` has them. */
export type FlopsFacts = Pick<Inspection, "parameters" | "layers" | "hiddenSize">;

/**
 * What is done with a token: `forward` alone; `full`: forward and backward through every weight; `lora`: the backward
 * pass leaves out the gradients of the frozen weights (adapters themselves are too small to count).
 */
export type Work = "forward" | "full" | "lora";

/** Forward passes' worth of work in the weights' products, and in attention (which has no weights, so no saving). */
const passes: Readonly<Record<Work, { readonly weights: number; readonly attention: number }>> = {
  forward: { weights: 1, attention: 1 },
  full: { weights: 3, attention: 3 },
  lora: { weights: 2, attention: 3 },
};

/**
 * Operations for one token of a sequence of `length` tokens: 6 N + 6 · layers · width · length for `full` training.
 *
 * N counts every weight, a tied embedding once. Attention is causal: a token sees half of the sequence on average, so
 * that scores and their sums over values take 2 · 2 · width · length / 2 operations a layer and pass; the width is
 * taken to be the hidden size. Sliding windows are not allowed for.
 */
export function flopsPerToken({ parameters, layers, hiddenSize }: FlopsFacts, length: number, work: Work = "full"): number {
  const { weights, attention } = passes[work];
  return weights * 2 * parameters + attention * 2 * layers * hiddenSize * length;
}

/** Operations for `tokens` tokens in sequences of `length` tokens: for training, 6 · N · D plus the attention term. */
export function flopsOf(facts: FlopsFacts, tokens: number, length: number, work: Work = "full"): number {
  return tokens * flopsPerToken(facts, length, work);
}
