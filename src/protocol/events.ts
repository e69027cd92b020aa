/**
 * Events: the history of a run, one JSON object a line of events.jsonl, each written whole and never changed.
 *
 * The worker appends its own file without `seq` and `stage`; the runner, sole writer of events.jsonl, adds both.
 * Readers keep a byte offset and tolerate a torn last line.
 */
import * as z from "zod";
import { followUpStages, stageNames } from "./stages.js";

const metricValues = z.object({
  loss: z.number().optional(),
  learningRate: z.number().optional(),
  gradNorm: z.number().optional(),
  tokensPerSecond: z.number().optional(),
  memoryBytes: z.number().optional().describe("Peak device memory; resident memory on CPU."),
  modelFlopsUtilization: z
    .number()
    .optional()
    .describe("Share of the device's peak used by the model's own operations, 0 to 1; only where the peak is known."),
});

/** Payloads that the worker may write. */
const workerPayloads = [
  z.object({
    kind: z.literal("device"),
    device: z.string(),
    name: z.string(),
    precision: z.string(),
    threads: z.int().optional(),
    memoryBytes: z.number().optional(),
  }),
  z.object({ kind: z.literal("progress"), done: z.number(), total: z.number(), unit: z.string(), label: z.string().optional() }),
  z.object({ kind: z.literal("metric"), step: z.int(), totalSteps: z.int(), values: metricValues }),
  z.object({ kind: z.literal("checkpoint"), step: z.int(), path: z.string() }),
  z.object({ kind: z.literal("log"), level: z.enum(["debug", "info", "warning", "error"]), message: z.string() }),
  z.object({ kind: z.literal("error"), code: z.string(), message: z.string(), remedy: z.string() }),
] as const;

/** A sign that the method does not hold here: what was seen, what it likely comes from, which setting to change. */
export const diagnosisSchema = z.object({
  kind: z.literal("diagnosis"),
  title: z.string(),
  evidence: z.string(),
  cause: z.string(),
  setting: z.string(),
  measured: z.boolean().optional().describe("false: whether it holds could not be told; `cause` says why."),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;

/** Payloads of the runner alone. */
const runnerPayloads = [
  z.object({
    kind: z.literal("run"),
    status: z.enum(["started", "resumed", "paused", "stopped", "failed", "completed"]),
    pid: z.int().optional(),
    exitCode: z.int().optional(),
    followUp: z.enum(followUpStages).optional().describe("At the start: what alone is to be done on a run that has its model."),
  }),
  z.object({
    kind: z.literal("stage"),
    status: z.enum(["started", "cached", "skipped", "completed", "failed"]),
    seconds: z.number().optional(),
    detail: z.string().optional(),
  }),
  z.object({ kind: z.literal("result"), name: z.string(), path: z.string() }),
  z.object({
    kind: z.literal("validation"),
    step: z.int(),
    perplexity: z
      .object({ inside: z.number(), beyond: z.number().nullable() })
      .describe("On held-out text, at positions below the original window and from it on."),
    needles: z.array(z.object({ length: z.int().positive(), depth: z.number(), score: z.number() })).describe("Mean score a cell, 0 to 1."),
    seconds: z.number().optional().describe("How long measuring took."),
  }),
  diagnosisSchema,
] as const;

/** What the worker measured while training; the runner scores it and tells it as `validation`. */
export const measurementSchema = z.object({
  kind: z.literal("measurement"),
  step: z.int().nonnegative(),
  seconds: z.number(),
  bins: z
    .array(z.object({ end: z.int().positive(), tokens: z.int().nonnegative(), sum: z.number() }))
    .describe("Negative log-likelihood in nats, summed over all documents, of the positions from the bin before up to `end`."),
  answers: z.array(z.object({ prompt: z.int(), text: z.string() })),
  probe: z
    .array(z.object({ tokens: z.int().positive(), plain: z.number(), skipped: z.number() }))
    .optional()
    .describe("Summed negative log-likelihood of each probed sample at plain positions and at its own."),
});
export type Measurement = z.infer<typeof measurementSchema>;

export const workerEventSchema = z.intersection(
  z.object({ time: z.number() }),
  z.discriminatedUnion("kind", [...workerPayloads, measurementSchema]),
);
/** An event as the worker writes it; `time` in milliseconds since the epoch. */
export type WorkerEvent = z.infer<typeof workerEventSchema>;

export const runEventSchema = z.intersection(
  z.object({ seq: z.int().nonnegative(), time: z.number(), stage: z.enum(stageNames).nullable() }),
  z.discriminatedUnion("kind", [...workerPayloads, ...runnerPayloads]),
);
/** An event of events.jsonl. */
export type RunEvent = z.infer<typeof runEventSchema>;
export type EventKind = RunEvent["kind"];
export type EventOf<K extends EventKind> = Extract<RunEvent, { kind: K }>;
/** What the runner's event log takes: it adds seq, time and stage. */
export type EventPayload = z.infer<z.ZodDiscriminatedUnion<[...typeof workerPayloads, ...typeof runnerPayloads]>>;
