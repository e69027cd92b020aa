/** What a run would need: memory, time and disk, estimated before anything starts. Pure: facts in, figures out. */
import { needleLengths } from "../evaluation/lengths.js";
import { trainedLength, type Recipe } from "../protocol/recipe.js";
import { devicePeak } from "./devicePeaks.js";
import { adapterParameters, inferenceMemory, trainingMemory, type TrainingMemory } from "./estimateMemory.js";
import { forwardOperations, trainingOperations, type ModelShape } from "./modelShape.js";

export interface EstimateDevice {
  readonly device: "cuda" | "mps" | "xpu" | "cpu";
  readonly name: string;
  /** Bytes that the run may use: the device's own, or the machine's. */
  readonly memoryBytes: number;
  readonly bfloat16: boolean;
  /** Processor cores; they count where the device is the processor. */
  readonly cpus: number;
}

/** What an earlier run reached on a device, in operations of the model a second while it trained. */
export interface MeasuredRate {
  readonly device: string;
  readonly operationsPerSecond: number;
}

export interface EstimateFacts {
  readonly recipe: Recipe;
  readonly shape: ModelShape;
  readonly device: EstimateDevice;
  /** Tokens of the corpus; null where they were not counted. */
  readonly corpusTokens: number | null;
  readonly rates: readonly MeasuredRate[];
}

export interface TimeEstimate {
  /** Seconds by stage; null where nothing is known to estimate them from. */
  readonly significance: number | null;
  readonly extend: number;
  readonly replay: number;
  readonly evaluate: number;
  readonly total: number;
}

export interface RunEstimate {
  readonly precision: "float32" | "bfloat16";
  readonly training: TrainingMemory;
  /** Bytes of the peak of scoring and evaluation, at the target length. */
  readonly inference: number;
  readonly peak: number;
  readonly fits: "yes" | "tight" | "no";
  /** null where the device's speed is neither measured nor known. */
  readonly time: TimeEstimate | null;
  /** `measured` by earlier runs here, or assumed from data sheets. */
  readonly speed: { readonly operationsPerSecond: number; readonly basis: "measured" | "assumed"; readonly runs: number } | null;
  /** Bytes that the run writes: models and checkpoints. */
  readonly disk: number;
}

/** Operations a second of one core on float32 matrices: 55 to 75 G were measured (bench/worker/RESULTS.md). */
const coreOperations = 60e9;
/** Share of its peak that training reaches on an accelerator, assumed. */
const utilization = 0.35;
/** Generation goes token by token and waits for memory: answers cost this much more than reading. */
const evaluationOverhead = 1.3;
/** Fuller than this is tight: fragments and other programs need room too. */
const comfortable = 0.85;

export function estimateRun(facts: EstimateFacts): RunEstimate {
  const { recipe, shape, device } = facts;
  const precision = precisionOf(recipe, device);
  const arithmeticBytes = precision === "bfloat16" ? 2 : 4;
  const { training } = recipe;
  const method =
    training.method === "lora"
      ? ({ type: "lora", parameters: adapterParameters(shape, training.lora.rank, training.lora.targets) } as const)
      : ({ type: "full" } as const);
  const plan = { shape, method, arithmeticBytes, checkpointing: training.gradientCheckpointing, device: device.device } as const;
  const memory = trainingMemory({ ...plan, tokens: training.microBatchSize * sampleLength(recipe) });
  const inference = inferenceMemory(plan, recipe.targetLength);
  const peak = Math.max(memory.total, inference);
  const speed = speedOf(facts, precision);
  const share = peak / device.memoryBytes;
  return {
    precision,
    training: memory,
    inference,
    peak,
    fits: share <= comfortable ? "yes" : share <= 1 ? "tight" : "no",
    time: speed === null ? null : timeOf(facts, speed.operationsPerSecond),
    speed,
    disk: diskBytes(shape, method.type === "lora" ? method.parameters : shape.parameters, replays(recipe)),
  };
}

/** Operations a second of the model's own work that a run reached: tokens a second at its length. */
export function measuredOperations(recipe: Recipe, shape: ModelShape, tokensPerSecond: number): number {
  return tokensPerSecond * trainingOperations(shape, sampleLength(recipe), recipe.training.gradientCheckpointing);
}

/** Tokens of a training sample. */
function sampleLength(recipe: Recipe): number {
  return recipe.positions.strategy === "full" ? recipe.targetLength : trainedLength(recipe);
}

function precisionOf(recipe: Recipe, device: EstimateDevice): "float32" | "bfloat16" {
  if (recipe.training.precision !== "auto") return recipe.training.precision;
  return device.device !== "cpu" && device.bfloat16 ? "bfloat16" : "float32";
}

function speedOf({ device, rates }: EstimateFacts, precision: "float32" | "bfloat16"): RunEstimate["speed"] {
  const here = rates.filter((rate) => rate.device === device.name && rate.operationsPerSecond > 0).map((rate) => rate.operationsPerSecond);
  if (here.length > 0) return { operationsPerSecond: median(here), basis: "measured", runs: here.length };
  if (device.device === "cpu") return { operationsPerSecond: coreOperations * device.cpus, basis: "assumed", runs: 0 };
  const peak = devicePeak(device.name, precision);
  return peak === null ? null : { operationsPerSecond: utilization * peak, basis: "assumed", runs: 0 };
}

function timeOf(facts: EstimateFacts, rate: number): TimeEstimate {
  const { recipe, shape } = facts;
  const { training, replay } = recipe;
  const stage = (settings: { steps?: number | undefined; batchSize: number; samples: number }, length: number): number => {
    const sequences = settings.steps === undefined ? settings.samples : settings.steps * settings.batchSize;
    return (sequences * length * trainingOperations(shape, length, training.gradientCheckpointing)) / rate;
  };
  const replayLength = replay.length ?? shape.window ?? trainedLength(recipe);
  const parts = {
    significance: scoringSeconds(facts, rate),
    extend: stage(training, sampleLength(recipe)),
    replay: replays(recipe) ? stage(replay, replayLength) : 0,
    evaluate: (evaluationOverhead * evaluationOperations(facts)) / rate,
  };
  return { ...parts, total: (parts.significance ?? 0) + parts.extend + parts.replay + parts.evaluate };
}

function replays({ replay }: Recipe): boolean {
  return replay.enabled && replay.corpus !== undefined;
}

/** Two passes, of the base and of the reference, over windows that overlap by the least context. */
function scoringSeconds({ recipe, shape, corpusTokens }: EstimateFacts, rate: number): number | null {
  if (corpusTokens === null) return null;
  const { window = recipe.targetLength, minContext, maxTokens = Infinity } = recipe.significance;
  const overlap = window / Math.max(1, window - (minContext ?? window / 2));
  return (2 * Math.min(corpusTokens, maxTokens) * overlap * forwardOperations(shape, window)) / rate;
}

function evaluationOperations({ recipe, shape }: EstimateFacts): number {
  const { needle, perplexity, ropeOnly } = recipe.evaluation;
  const models = ropeOnly ? 4 : 3;
  const T = recipe.targetLength;
  const read = (length: number): number => length * forwardOperations(shape, length);
  const lengths = needle.enabled ? needleLengths(needle, shape.window ?? Math.ceil(T / 4), T) : [];
  const prompts = lengths.reduce((sum, length) => sum + needle.depths.length * needle.trials * read(length), 0);
  return models * (prompts + (perplexity.enabled ? perplexity.documents * read(T) : 0));
}

/** Extended, replayed and merged model as they are stored, and two checkpoints of what is trained with its optimizer state. */
function diskBytes(shape: ModelShape, trained: number, replayed: boolean): number {
  return (replayed ? 3 : 2) * shape.parameters * shape.storedBytes + 2 * 12 * trained;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
