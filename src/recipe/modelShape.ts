/** The sizes of a transformer, read from the config.json that transformers writes, and what follows from them. */
import * as z from "zod";

const positive = z.int().positive();
const languageSchema = z.object({
  model_type: z.string().optional(),
  hidden_size: positive,
  num_hidden_layers: positive,
  intermediate_size: positive.optional(),
  num_attention_heads: positive,
  num_key_value_heads: positive.nullish(),
  head_dim: positive.nullish(),
  vocab_size: positive,
  max_position_embeddings: positive.optional(),
  tie_word_embeddings: z.boolean().optional(),
  num_local_experts: positive.nullish(),
  num_experts: positive.nullish(),
  num_experts_per_tok: positive.nullish(),
  moe_intermediate_size: positive.nullish(),
  torch_dtype: z.string().nullish(),
  dtype: z.string().nullish(),
});
const configSchema = z.union([z.object({ text_config: languageSchema }).transform(({ text_config }) => text_config), languageSchema]);

/** Families whose feed-forward layer has two matrices instead of three. */
const ungated = new Set(["gpt_neox", "falcon", "gpt2", "phi", "bloom"]);

export interface ModelShape {
  readonly hiddenSize: number;
  readonly layers: number;
  /** Width of the feed-forward layer that one token passes through, over its experts. */
  readonly feedForward: number;
  /** Query and key widths: heads × head dimension. */
  readonly queryWidth: number;
  readonly keyWidth: number;
  readonly vocabulary: number;
  /** W: max_position_embeddings; null where the config does not say. */
  readonly window: number | null;
  /** Weights in all, and those of all layers that one token passes through. */
  readonly parameters: number;
  readonly activeLayerParameters: number;
  /** Bytes of a stored weight. */
  readonly storedBytes: 2 | 4;
}

/** @returns null for a config that is not that of a decoder with the usual names. */
export function modelShape(config: unknown): ModelShape | null {
  const parsed = configSchema.safeParse(config);
  if (!parsed.success) return null;
  const c = parsed.data;
  const headDimension = c.head_dim ?? Math.floor(c.hidden_size / c.num_attention_heads);
  const queryWidth = c.num_attention_heads * headDimension;
  const keyWidth = (c.num_key_value_heads ?? c.num_attention_heads) * headDimension;
  const experts = c.num_local_experts ?? c.num_experts ?? 1;
  const active = Math.min(experts, c.num_experts_per_tok ?? 1);
  const width = (experts > 1 ? c.moe_intermediate_size : null) ?? c.intermediate_size ?? 4 * c.hidden_size;
  const matrices = ungated.has(c.model_type ?? "") ? 2 : 3;
  const attention = 2 * c.hidden_size * (queryWidth + keyWidth);
  const expert = matrices * c.hidden_size * width;
  const embeddings = c.vocab_size * c.hidden_size * (c.tie_word_embeddings === true ? 1 : 2);
  return {
    hiddenSize: c.hidden_size,
    layers: c.num_hidden_layers,
    feedForward: active * width,
    queryWidth,
    keyWidth,
    vocabulary: c.vocab_size,
    window: c.max_position_embeddings ?? null,
    parameters: embeddings + c.num_hidden_layers * (attention + experts * expert),
    activeLayerParameters: c.num_hidden_layers * (attention + active * expert),
    storedBytes: (c.dtype ?? c.torch_dtype) === "float32" ? 4 : 2,
  };
}

/** Floating-point operations of the forward pass for one token of a causal window of `length` tokens, the head included. */
export function forwardOperations(shape: ModelShape, length: number): number {
  // Attention: each token meets half the window on average; scores and weighted sum are 2 operations a weight each.
  const attention = 2 * shape.queryWidth * length * shape.layers;
  return 2 * shape.activeLayerParameters + attention + headOperations(shape);
}

/** Operations of one trained token: forward, twice that backward, and the layers once more where activations are recomputed. */
export function trainingOperations(shape: ModelShape, length: number, checkpointing: boolean): number {
  const forward = forwardOperations(shape, length);
  return 3 * forward + (checkpointing ? forward - headOperations(shape) : 0);
}

function headOperations(shape: ModelShape): number {
  return 2 * shape.hiddenSize * shape.vocabulary;
}
