/** One exported model in ONNX Runtime. Native code: only the scorer's own process imports this. */
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import process from "node:process";
import { InferenceSession, listSupportedBackends, Tensor } from "onnxruntime-node";
import type { Window } from "./windows.js";
import { messageOf } from "../protocol/errors.js";

export type Log = (level: "debug" | "info" | "warn" | "error", message: string) => void;

/** Execution providers by preference; the last is the sure one. */
const preferred: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["cuda", "webgpu"],
  win32: ["cuda", "dml", "webgpu"],
  darwin: ["coreml", "webgpu"],
};
/** Bytes of a model below which a processor is not worth leaving: moving its inputs and results costs more than its products. */
const smallModel = 64 * 2 ** 20;
/** How far logits of another provider may be from the processor's, of the largest. */
const tolerance = 0.02;

/** Scores of the tokens of a window. */
export interface RowScores {
  readonly logit: Float32Array;
  readonly logprob: Float32Array;
}

/** Threads of a pass: half of the processors, so that the editor stays quick. */
export function scoringThreads(): number {
  return Math.max(1, Math.min(8, Math.floor(availableParallelism() / 2)));
}

export class ScoringModel {
  constructor(
    readonly provider: string,
    private readonly session: InferenceSession,
  ) {}

  /** Scores tokens [first, end) of a window; `ids` are those of the whole sequence. */
  async score(ids: Int32Array, { start, first, end }: Window): Promise<RowScores> {
    const width = end - start;
    const feeds = {
      ids: new Tensor("int64", BigInt64Array.from(ids.subarray(start, end), BigInt), [1, width]),
      position_ids: new Tensor("int64", counted(0, width), [1, width]),
      rows: new Tensor("int64", counted(first - start - 1, end - first), [end - first]),
    };
    const { logit, logprob } = await this.session.run(feeds);
    if (!(logit?.data instanceof Float32Array) || !(logprob?.data instanceof Float32Array)) throw new Error("the model gives no scores");
    return { logit: logit.data, logprob: logprob.data };
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function counted(from: number, count: number): BigInt64Array {
  return BigInt64Array.from({ length: count }, (_, index) => BigInt(from + index));
}

/** Loads a model on the best provider that works and agrees with the processor. @throws Error when not even that one can */
export async function loadModel(file: string, log: Log, threads = scoringThreads()): Promise<ScoringModel> {
  const processor = await open(file, "cpu", threads);
  const { size } = await stat(file);
  const there = new Set(listSupportedBackends().map(({ name }) => name));
  const candidates = (preferred[process.platform] ?? []).filter((name) => there.has(name));
  if (size < smallModel) {
    log("debug", `${file}: small enough for the processor (${threads} threads).`);
    return processor;
  }
  for (const name of candidates) {
    try {
      const model = await open(file, name, threads);
      await requireAgreement(model, processor);
      await processor.release();
      log("info", `${file}: runs on ${name}.`);
      return model;
    } catch (error) {
      log("warn", `${file}: ${name} cannot be used (${messageOf(error)}); trying the next provider.`);
    }
  }
  log("info", `${file}: runs on the processor (${threads} threads).`);
  return processor;
}

async function open(file: string, provider: string, threads: number): Promise<ScoringModel> {
  const session = await InferenceSession.create(file, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    // Threads sleep while they wait: spinning ones would slow the editor between windows.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  return new ScoringModel(provider, session);
}

async function requireAgreement(model: ScoringModel, processor: ScoringModel): Promise<void> {
  const ids = Int32Array.from({ length: 32 }, (_, index) => index);
  const window = { start: 0, first: 1, end: 32 };
  const [ours, sure] = [await model.score(ids, window), await processor.score(ids, window)];
  const largest = sure.logit.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const off = sure.logit.reduce((most, value, index) => Math.max(most, Math.abs(value - (ours.logit[index] ?? Number.NaN))), 0);
  if (!(off <= tolerance * largest)) throw new Error(`its logits differ from the processor's by ${off.toPrecision(2)}`);
}
