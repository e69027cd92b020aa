/**
 * Jobs: what the runner asks of the worker. One job file, one process; files in, files out.
 *
 * The worker checks each job against the JSON Schema exported from here
 * (native-bin/worker/src/longrecipe_worker/job.schema.json, written by `npm run schema`).
 * Every path in a job is absolute. Tables are Arrow IPC files; their columns are in tables.ts.
 */
import * as z from "zod";

const positiveInt = z.int().positive();
const path = z.string().min(1);

/** Rotary parameters in the form transformers keeps in `config.rope_parameters`. */
export const ropeParametersSchema = z.strictObject({
  parameters: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe("Merged over the model's own rope_parameters: rope_type, rope_theta, factor, ..."),
  maxPositionEmbeddings: positiveInt.describe("The new window."),
});
export type RopeParameters = z.infer<typeof ropeParametersSchema>;

/** Places to compute: a kind of device, or one of several of its kind. */
export const deviceSchema = z
  .string()
  .regex(/^(auto|cpu|mps|(cuda|xpu)(:\d+)?)$/, "auto, cpu, mps, cuda, xpu, or one of several such as cuda:1");

/** Another share of the extended model for some tensors; of entries that fit a tensor the last one counts. */
export const mergeLayerSchema = z.strictObject({
  layers: z.string().min(1).describe("Layers by number (`0-3`, `0,5-7`), or a glob of tensor names (`*.mlp.*`)."),
  alpha: z.number().min(0).max(1).describe("Share of the extended model."),
});

const mergeFields = {
  method: z.enum(["linear", "slerp", "ties", "dare"]).optional().describe("Left out: linear. The others are mergekit's."),
  alpha: z.number().min(0).max(1).describe("Share of the extended model."),
  layers: z.array(mergeLayerSchema).optional().describe("Other shares for some tensors."),
  density: z.number().gt(0).max(1).optional().describe("ties and dare: share of the difference's entries that is kept. Left out: 0.5."),
} as const;

/** A model as loaded: weights, an adapter folded in, rotary parameters replaced. */
export const modelSpecSchema = z.strictObject({
  path: z.string().min(1).describe("Local folder or hub id."),
  adapter: path.optional().describe("Folder of a peft adapter, folded in after loading."),
  rope: ropeParametersSchema.optional(),
  merge: z
    .strictObject({ with: path, ...mergeFields, seed: z.int().nonnegative().optional() })
    .optional()
    .describe("Blended in memory at loading with the extended model `with`, whose config is used: what a merge job would write."),
});
export type ModelSpec = z.infer<typeof modelSpecSchema>;

const namedModelSchema = z.strictObject({ name: z.string().min(1), model: modelSpecSchema });

const common = {
  version: z.literal(1),
  events: path.describe("JSON Lines file to which the worker appends its events (workerEvents.ts)."),
  control: path.describe("Folder in which requests (pause, stop, checkpoint) appear as files."),
  device: z.enum(["auto", "cuda", "mps", "xpu", "cpu"]),
  precision: z.enum(["auto", "float32", "bfloat16"]),
  seed: z.int().nonnegative(),
  parentPid: positiveInt.optional().describe("When this process is gone the worker checkpoints and ends."),
} as const;

/** Facts of models and tokenizers, as JSON: see inspection in tables.ts. */
export const inspectJobSchema = z.strictObject({
  ...common,
  kind: z.literal("inspect"),
  models: z.array(z.string().min(1)).min(1),
  output: path.describe("JSON file: Inspection[]."),
});

/** Token ids with UTF-16 character offsets. */
export const tokenizeJobSchema = z.strictObject({
  ...common,
  kind: z.literal("tokenize"),
  model: z.string().min(1).describe("Folder or hub id whose tokenizer is used. No special tokens are added."),
  documents: path.describe("Arrow: documents."),
  output: path.describe("Arrow: tokens."),
});

/** Logit and log-probability of each true token, under one or more models, one model in memory at a time. */
export const scoreJobSchema = z.strictObject({
  ...common,
  kind: z.literal("score"),
  tokens: path.describe("Arrow: tokens."),
  documents: path.optional().describe("Arrow: documents. Faults then name the file instead of the document's number."),
  models: z
    .array(
      z.strictObject({
        ...namedModelSchema.shape,
        context: positiveInt.optional().describe("Each token sees at most this many tokens before it (contrast)."),
        stride: positiveInt
          .optional()
          .describe(
            "With `context`: by how much the truncated view slides; each token sees at least context + 1 - stride. 1 is exact. Left out: half of context.",
          ),
        device: deviceSchema.optional().describe("Left out: the job's. Models on different devices are scored side by side."),
      }),
    )
    .min(1),
  onNonFinite: z
    .enum(["fail", "skip"])
    .optional()
    .describe(
      "What NaN or infinite logits, and tokens that a model lacks, mean: the end (left out), or no scores for that piece of the document, counted and told.",
    ),
  strict: z
    .array(z.strictObject({ first: z.int().nonnegative(), end: z.int().nonnegative() }))
    .optional()
    .describe("Ranges of document numbers, `end` not among them, in which such a document is the end in spite of `skip`."),
  window: positiveInt.describe("Tokens in one forward pass."),
  minContext: z.int().nonnegative().describe("Windows overlap by this much, so that later tokens see at least this much context."),
  output: path.describe("Folder: scores-NAME.arrow for each model, written whole or not at all."),
});

/** What the worker measures at step 0, at each checkpoint and at the end of a training. */
export const trainValidationSchema = z.strictObject({
  between: z.boolean().optional().describe("false: not at checkpoints."),
  documents: path.describe("Arrow: tokens. Held-out documents, each no longer than the target length."),
  bins: z.array(positiveInt).min(1).describe("Ends of the bins of positions over which log-likelihoods are summed, ascending."),
  prompts: path.optional().describe("Arrow: prompts, to be answered greedily."),
  maxNewTokens: positiveInt,
  probe: path
    .optional()
    .describe("Arrow: samples of held-out text, measured with their positions and with plain ones, before and after the training."),
});

export const trainJobSchema = z.strictObject({
  ...common,
  kind: z.literal("train"),
  model: modelSpecSchema,
  samples: path.describe("Arrow: samples."),
  output: path.describe("Folder: checkpoints/step-N while training, model/ at the end."),
  method: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("full") }),
    z.strictObject({
      type: z.literal("lora"),
      rank: positiveInt,
      alpha: z.number().positive(),
      dropout: z.number().min(0).lt(1),
      targets: z.array(z.string()).min(1),
    }),
  ]),
  learningRate: z.number().positive(),
  schedule: z.enum(["constant", "linear", "cosine"]),
  warmupSteps: z.int().nonnegative(),
  weightDecay: z.number().min(0),
  maxGradNorm: z.number().positive(),
  steps: positiveInt,
  microBatchSize: positiveInt,
  gradientAccumulation: positiveInt,
  gradientCheckpointing: z.boolean(),
  checkpointEvery: positiveInt,
  keepCheckpoints: positiveInt,
  validation: trainValidationSchema.optional().describe("Left out: nothing is measured. Not part of the training's identity."),
});

/**
 * Weights of base and extended model in one; config and tokenizer of the extended model. `linear` is
 * (1 - alpha) * base + alpha * extended over every tensor; the other methods are mergekit's.
 */
export const mergeJobSchema = z.strictObject({
  ...common,
  kind: z.literal("merge"),
  base: z.string().min(1),
  extended: path,
  ...mergeFields,
  output: path.describe("Folder of the merged checkpoint."),
});

/**
 * Greedy continuation of token-id prompts under one or more models. Prompts that begin alike are computed together up to
 * where they part, whatever their order. Resumes after the last finished batch.
 */
export const generateJobSchema = z.strictObject({
  ...common,
  kind: z.literal("generate"),
  models: z.array(namedModelSchema).min(1),
  prompts: path.describe("Arrow: prompts."),
  maxNewTokens: positiveInt.describe("For prompts without a number of their own."),
  onNonFinite: z
    .enum(["fail", "skip"])
    .optional()
    .describe("What NaN or infinite logits of a prompt mean: the end (left out), or no row for this prompt and a warning that names it."),
  onTooLong: z
    .enum(["allow", "skip"])
    .optional()
    .describe(
      "What a prompt longer than the model's window means: it is answered all the same (left out), or no row for it and a warning that names it.",
    ),
  engine: z
    .enum(["auto", "transformers", "vllm"])
    .optional()
    .describe("auto (left out): vllm where it is installed, the device is CUDA and the model is a plain folder; else transformers."),
  output: path.describe("Folder: generations-NAME.arrow for each model."),
});

/** Tasks of lm-evaluation-harness under one or more models, one in memory at a time. Needs the worker's extra `evaluation`. */
export const abilityJobSchema = z.strictObject({
  ...common,
  kind: z.literal("ability"),
  models: z.array(namedModelSchema).min(1),
  tasks: z.array(z.string().min(1)).min(1).describe("Tasks, groups or tags by name."),
  limit: positiveInt.optional().describe("At most this many documents of each task, the first ones."),
  fewShot: z.int().nonnegative().optional().describe("Left out: what each task itself says."),
  include: path.optional().describe("Folder with further task files. Data files that they name are looked for from there."),
  chatTemplate: z.boolean(),
  batchSize: positiveInt.optional().describe("Left out: as many as the device takes."),
  maxLength: positiveInt.optional().describe("Tokens that a model may see. Left out: the model's window."),
  allowCode: z.boolean().describe("Run programs that models write (sandbox.py). Without it tasks that need it are left out."),
  output: path.describe("Folder: abilities-NAME.arrow for each model; how each task went is in its metadata (abilityReport in tables.ts)."),
});

/**
 * BERTScore (arXiv 1904.09675) of pairs of texts: greedy matching of the states of one layer of an encoder, without
 * weights by frequency and without rescaling.
 */
export const bertScoreJobSchema = z.strictObject({
  ...common,
  kind: z.literal("bertscore"),
  model: z.string().min(1).describe("Folder or hub id of an encoder with a tokenizer."),
  layer: positiveInt.describe("Layer whose states are compared, the first after the embeddings being 1."),
  pairs: path.describe("Arrow: textPairs."),
  output: path.describe("Arrow: textScores."),
});

/** Formats of exported weights. */
export const exportFormats = ["fp32", "fp16", "int8"] as const;

/**
 * Base and extended model as ONNX graphs that give the logit and log-probability of each true token, checked against
 * PyTorch on real tokens. The folder's form is pairSchema in src/scorer/pair.ts.
 */
export const exportJobSchema = z.strictObject({
  ...common,
  kind: z.literal("export"),
  title: z.string().min(1).describe("What people see."),
  models: z
    .array(
      z.strictObject({
        name: z.enum(["base", "extended"]),
        model: modelSpecSchema,
        window: positiveInt.describe("Tokens in one forward pass, when scoring."),
        minContext: z.int().nonnegative().describe("Windows overlap by this much."),
      }),
    )
    .length(2)
    .describe("Base, then extended."),
  format: z.enum(exportFormats),
  measure: z.enum(["logit", "absolute", "logprob"]).describe("Which difference the significance is."),
  tokens: path.describe("Arrow: tokens. The check runs on the first windows of these."),
  output: path.describe("Folder of the pair, written whole or not at all."),
});

/** Any job. */
export const jobSchema = z.discriminatedUnion("kind", [
  inspectJobSchema,
  tokenizeJobSchema,
  scoreJobSchema,
  trainJobSchema,
  mergeJobSchema,
  generateJobSchema,
  exportJobSchema,
  abilityJobSchema,
  bertScoreJobSchema,
]);
export type Job = z.infer<typeof jobSchema>;
export type JobKind = Job["kind"];
export type JobOf<K extends JobKind> = Extract<Job, { kind: K }>;

/** Exit codes of `python -m longrecipe_worker JOB.json`; the last error event says more. */
export const workerExit = {
  done: 0,
  failed: 1,
  /** Ended on request after writing a checkpoint: start the same job again to go on. */
  interrupted: 10,
  badInput: 20,
  outOfMemory: 21,
  nonFinite: 22,
  diskFull: 23,
} as const;
