/**
 * Memory of a run, estimated from sizes alone. The constants were fitted to bench/worker/RESULTS.md (a unit test holds
 * them to it); they describe this worker: float32 weights and AdamW under full training, logits formed in chunks.
 */
import type { ModelShape } from "./modelShape.js";

export interface MemoryPlan {
  readonly shape: ModelShape;
  readonly method: { readonly type: "full" } | { readonly type: "lora"; readonly parameters: number };
  /** Bytes of a number in the arithmetic: 2 for bfloat16. */
  readonly arithmeticBytes: 2 | 4;
  /** Tokens in a micro batch: sequences × length. */
  readonly tokens: number;
  readonly checkpointing: boolean;
  readonly device: "cuda" | "mps" | "xpu" | "cpu";
}

export interface TrainingMemory {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
  /** The larger of what the layers and what the output head need at their peak. */
  readonly activations: number;
  /** Interpreter, libraries, and the device's context. */
  readonly runtime: number;
  readonly total: number;
}

const mebi = 2 ** 20;
/** Bytes that one chunk of logits may take in the worker, by device (devices.py: logits_budget). */
const logitsBudget = { cuda: 512 * mebi, xpu: 512 * mebi, mps: 32 * mebi, cpu: 32 * mebi } as const;
/** Chunks of logits that are there at once: logits, their copy by the sum of exponentials, the product's buffer. */
const chunksAtOnce = 3;
/** What any step takes besides, measured: buffers of the sample and of the allocator. */
const stepOverhead = 12e6;
const runtimeBytes = { cuda: 800 * mebi, xpu: 800 * mebi, mps: 500 * mebi, cpu: 500 * mebi } as const;

/** Bytes of a step's peak beyond weights, gradients and optimizer state. */
export function activationBytes(plan: MemoryPlan): number {
  const { shape, tokens, checkpointing } = plan;
  const layer = layerBytes(plan);
  const boundary = 4 * shape.hiddenSize;
  const kept = tokens * (checkpointing ? (shape.layers + 1) * boundary : shape.layers * layer);
  // Backward through one layer: what it saved and its gradients; recomputing holds its forward pass beside them.
  const working = tokens * layer * (checkpointing ? 3 : 1);
  return stepOverhead + kept + Math.max(headBytes(plan), working);
}

/** Bytes that one layer keeps for a token: norms in float32, projections, attention and feed-forward in the arithmetic. */
function layerBytes({ shape, arithmeticBytes }: MemoryPlan): number {
  const { hiddenSize, queryWidth, keyWidth, feedForward } = shape;
  return 4 * 7 * hiddenSize + arithmeticBytes * (6 * queryWidth + 3 * keyWidth + 4 * feedForward);
}

function headBytes({ shape, tokens, device, method }: MemoryPlan): number {
  const chunk = Math.min(logitsBudget[device], 4 * shape.vocabulary * tokens);
  const gradient = method.type === "full" ? 4 * shape.vocabulary * shape.hiddenSize : 0;
  return chunksAtOnce * chunk + gradient;
}

/** Bytes of a training step at its peak, once the optimizer has its state. */
export function trainingMemory(plan: MemoryPlan): TrainingMemory {
  const { parameters } = plan.shape;
  const full = plan.method.type === "full";
  const trained = plan.method.type === "full" ? parameters : plan.method.parameters;
  // Under autocast the weights are there a second time, in the arithmetic's numbers.
  const weights = full ? parameters * (4 + (plan.arithmeticBytes === 2 ? 2 : 0)) : parameters * plan.arithmeticBytes + 4 * trained;
  const gradients = 4 * trained;
  const optimizer = 8 * trained;
  const activations = activationBytes(plan);
  const runtime = runtimeBytes[plan.device];
  return { weights, gradients, optimizer, activations, runtime, total: weights + gradients + optimizer + activations + runtime };
}

/** Bytes to score or to generate at `length` tokens: weights, keys and values of the context, one layer's work, a chunk of logits. */
export function inferenceMemory(plan: Pick<MemoryPlan, "shape" | "arithmeticBytes" | "device">, length: number): number {
  const { shape, arithmeticBytes, device } = plan;
  const cache = 2 * shape.layers * shape.keyWidth * length * arithmeticBytes;
  const layer = length * (4 * 3 * shape.hiddenSize + arithmeticBytes * (3 * shape.queryWidth + 2 * shape.feedForward));
  return shape.parameters * arithmeticBytes + cache + layer + chunksAtOnce * logitsBudget[device] + runtimeBytes[device];
}

/** Trained numbers of adapters of `rank` on the named layers of every block. */
export function adapterParameters(shape: ModelShape, rank: number, targets: readonly string[]): number {
  const { hiddenSize: h, queryWidth: q, keyWidth: k, feedForward: f } = shape;
  const sizes: Readonly<Record<string, number>> = {
    q_proj: h + q,
    k_proj: h + k,
    v_proj: h + k,
    o_proj: q + h,
    gate_proj: h + f,
    up_proj: h + f,
    down_proj: f + h,
  };
  // A layer of another name is of the attention's size, give or take.
  return shape.layers * rank * targets.reduce((sum, name) => sum + (sizes[name.split(".").at(-1) ?? ""] ?? h + q), 0);
}
