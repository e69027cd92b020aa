/**
 * The recipe: everything a person decides about one context extension.
 *
 * This schema is the single source of the static types, of the checks at the borders and, through
 * `longrecipe schema`, of completion, hover and validation of `*.longrecipe.json` in the editor.
 * Defaults are the paper's (arXiv 2409.00509) unless a description says otherwise.
 */
import * as z from "zod";
import { nameSchema } from "./name.js";
import { studySchema } from "./study.js";
import { deviceSchema, exportFormats, mergeLayerSchema } from "./jobs.js";

const positiveInt = z.int().positive();
const fraction = z.number().gt(0).lte(1);

const sourceFields = {
  include: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      "Globs, files or folders, relative to the recipe file. A folder stands for every .txt, .md, .jsonl, .parquet, .csv, .tsv and source code file in it, plain or as .gz or .zst; a folder that Hugging Face `datasets` saved stands for its rows.",
    ),
  exclude: z.array(z.string().min(1)).default([]).describe("Globs of files to leave out."),
  textField: z
    .string()
    .min(1)
    .default("text")
    .describe("Field or column that holds the text, in .jsonl, .parquet, .csv, .tsv and `datasets`."),
  weight: z
    .number()
    .positive()
    .optional()
    .describe(
      "Share of the samples that comes from this source, relative to the other sources' weights. Left out everywhere: in proportion to the tokens; left out beside others: 1. Without meaning for evaluation.",
    ),
  onError: z
    .enum(["fail", "skip"])
    .default("fail")
    .describe(
      "What to do with a document that cannot be read (binary, broken UTF-8, no such field): stop and say where, or skip and count it.",
    ),
} as const;

/** A set of files: globs or folders relative to the recipe file. */
export const corpusSourceSchema = z.strictObject(sourceFields).describe("A corpus: text, code or tables, plain or compressed.");
export type CorpusSource = z.infer<typeof corpusSourceSchema>;

/** One source, or several with weights. */
export const corpusSchema = z
  .union([corpusSourceSchema, z.array(corpusSourceSchema).min(1)], { error: "must be one source or a list of sources" })
  .describe("A corpus: one source, or a list of sources mixed by weight.");
export type Corpus = z.infer<typeof corpusSchema>;

/** The sources of a corpus, each with its key path below the corpus: `""`, or `[0]`, `[1]`, ... */
export function corpusSources(corpus: Corpus): { readonly key: string; readonly source: CorpusSource }[] {
  return Array.isArray(corpus) ? corpus.map((source, at) => ({ key: `[${at}]`, source })) : [{ key: "", source: corpus }];
}

export const deduplicationSchema = z
  .strictObject({
    enabled: z.boolean().default(false).describe("Leave out documents that nearly repeat an earlier one of the same corpus."),
    threshold: z
      .number()
      .min(0.5)
      .max(1)
      .default(0.8)
      .describe("Similarity (Jaccard index of the shingles, estimated by MinHash) from which a document counts as repeated."),
    shingleWords: positiveInt.default(5).describe("Words in a shingle."),
  })
  .describe("Removal of near-duplicate documents from corpus and replay corpus.");
export type Deduplication = z.infer<typeof deduplicationSchema>;

export const ropeSchema = z
  .strictObject({
    type: z
      .enum(["ntk", "linear", "yarn", "llama3", "none"])
      .default("ntk")
      .describe(
        "How rotary positions are rescaled to the target window: `ntk` raises the base theta (the paper's way), `linear`, `yarn` and `llama3` as transformers defines them, `none` leaves them.",
      ),
    theta: z.number().positive().optional().describe("Rotary base to use as it is; overrides the NTK formula."),
    ntkFactor: z
      .number()
      .min(1)
      .default(10)
      .describe("f in theta * (f * T / W - (f - 1)) ^ (d / (d - 2)). The paper's values come from 10 to 16 for Llama-3 and 4 for Qwen2."),
    betaFast: z
      .number()
      .positive()
      .default(32)
      .describe(
        "YaRN: rotary pairs that turn more often than this within the original window keep their speed. Smaller values suit small windows.",
      ),
    betaSlow: z
      .number()
      .positive()
      .default(1)
      .describe("YaRN: rotary pairs that turn less often than this within the original window are slowed by T / W."),
  })
  .describe("Rotary scaling, written into the checkpoint's config so that it works in any runtime that reads it.");
export type RopeChoice = z.infer<typeof ropeSchema>;

const optimizerFields = {
  batchSize: positiveInt.default(96).describe("Sequences per optimizer step."),
  microBatchSize: positiveInt.default(1).describe("Sequences per forward pass; the rest is gradient accumulation."),
  schedule: z.enum(["constant", "linear", "cosine"]).describe("Learning-rate schedule after the warm-up."),
  warmupFraction: z.number().min(0).lt(1).default(0.03).describe("Share of the steps over which the learning rate rises from 0."),
  weightDecay: z.number().min(0).default(0.1).describe("AdamW weight decay."),
  maxGradNorm: z.number().positive().default(1).describe("Gradients are clipped to this norm."),
  steps: positiveInt.optional().describe("Optimizer steps. Left out: one pass over the samples."),
  checkpointEvery: positiveInt.default(50).describe("Optimizer steps between checkpoints; at most this much work can be lost."),
} as const;

export const loraSchema = z
  .strictObject({
    rank: positiveInt.default(32).describe("Rank of the adapter."),
    alpha: z.number().positive().default(64).describe("Scale of the adapter."),
    dropout: z.number().min(0).lt(1).default(0).describe("Dropout inside the adapter."),
    targets: z
      .array(z.string().min(1))
      .min(1)
      .default(["q_proj", "k_proj", "v_proj", "o_proj"])
      .describe("Names of the linear layers that get an adapter."),
  })
  .describe("Low-rank adapters (peft).");

export const validationSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe("Measure held-out perplexity and a small grid of needles at every checkpoint of extend and replay."),
    documents: positiveInt.default(4).describe("Held-out documents to measure, each cut to the target length."),
    trials: positiveInt.default(1).describe("Needle prompts per length and depth."),
    depths: z.array(z.number().min(0).max(1)).min(1).default([0, 0.5, 1]).describe("Where the needle stands in these prompts."),
    lengths: z.array(positiveInt).min(1).optional().describe("Prompt lengths in tokens. Left out: W, 2 W, 4 W, ... T."),
    maxShare: fraction
      .default(0.05)
      .describe(
        "Largest share of the training's operations that goes into validation. Trials, the longest prompts and documents are left out until it fits.",
      ),
  })
  .describe("Validation while training. It changes nothing in what is trained.");
export type Validation = z.infer<typeof validationSchema>;

export const lossWeightsSchema = z
  .strictObject({
    low: z
      .number()
      .min(0)
      .default(0.5)
      .describe("Weight of a sample's least significant token, before the weights are scaled to a mean of 1."),
    high: z.number().positive().default(2).describe("Weight of a sample's most significant token, before scaling."),
    sharpness: z
      .number()
      .positive()
      .default(4)
      .describe("Weights rise from low to high with rank ^ sharpness: 1 is a straight line, 4 sets the top fifth apart."),
  })
  .describe("How `objective: significance` weights tokens, by the rank of their significance within the sample.");
export type LossWeights = z.infer<typeof lossWeightsSchema>;

export const trainingSchema = z
  .strictObject({
    method: z.enum(["full", "lora"]).default("full").describe("Train every weight, or low-rank adapters that are folded in at the end."),
    lora: loraSchema.prefault({}),
    samples: positiveInt.default(10_000).describe("Training samples to build (the paper uses 10,000)."),
    objective: z
      .enum(["uniform", "significance"])
      .default("uniform")
      .describe(
        "`uniform`: every token counts alike; `significance`: the loss weights tokens by their significance (replay stays uniform).",
      ),
    lossWeights: lossWeightsSchema.prefault({}),
    validation: validationSchema.prefault({}),
    learningRate: z.number().positive().default(5e-5).describe("Peak learning rate."),
    ...optimizerFields,
    schedule: optimizerFields.schedule.default("constant"),
    gradientCheckpointing: z
      .boolean()
      .default(true)
      .describe("Recompute activations in the backward pass: less memory, about a third more time."),
    precision: z
      .enum(["auto", "float32", "bfloat16"])
      .default("auto")
      .describe("Arithmetic. `auto` takes bfloat16 where the device is fast at it, else float32."),
  })
  .describe("The position-skipping training itself.");
export type Training = z.infer<typeof trainingSchema>;

export const replaySchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Replay general data after the extension."),
    corpus: corpusSchema
      .optional()
      .describe("General data near the model's pretraining or instruction data. Left out: the stage is skipped."),
    length: z.int().min(2).optional().describe("Tokens per replay sample. Left out: the model's original window."),
    samples: positiveInt.default(1_000).describe("Replay samples to build."),
    learningRate: z.number().positive().default(5e-6).describe("Peak learning rate, annealed to zero by the schedule."),
    ...optimizerFields,
    schedule: optimizerFields.schedule.default("linear"),
  })
  .describe("Replay: training with plain positions on general data, to restore general abilities.");
export type Replay = z.infer<typeof replaySchema>;

export const significanceSchema = z
  .strictObject({
    reference: z
      .discriminatedUnion("source", [
        z.strictObject({ source: z.literal("rope").describe("The base model with its rotary frequencies rescaled, no training.") }),
        z.strictObject({
          source: z.literal("checkpoint").describe("Another model with the same tokenizer."),
          model: z.string().min(1).describe("Folder or hub id of the extended model."),
        }),
        z.strictObject({
          source: z.literal("warmup").describe("A short position-skipping LoRA run of the base itself."),
          steps: positiveInt.default(40).describe("Optimizer steps of the warm-up."),
          batchSize: positiveInt.default(8).describe("Sequences per optimizer step of the warm-up."),
          learningRate: z.number().positive().default(5e-4).describe("Learning rate of the warm-up."),
        }),
        z.strictObject({
          source: z.literal("contrast").describe("One model, long against truncated context."),
          context: positiveInt.describe("Largest number of tokens before a token that the truncated view keeps."),
          stride: positiveInt
            .optional()
            .describe(
              "By how many tokens the truncated view slides: each token sees at least context + 1 - stride tokens and at most context. 1: exactly context, at one pass a token. Left out: half of context, at about two passes over the text.",
            ),
        }),
      ])
      .prefault({ source: "rope" })
      .describe("Where the extended reference H' comes from."),
    measure: z
      .enum(["logit", "absolute", "logprob"])
      .default("logit")
      .describe(
        "`logit`: the paper's offset logit_ext(x) - logit_base(x); `absolute`: its absolute value; `logprob`: difference of log-probabilities.",
      ),
    window: positiveInt.optional().describe("Tokens scored at once. Left out: the target length."),
    minContext: positiveInt
      .optional()
      .describe("No token but a document's first ones is scored with less context than this. Left out: half the window."),
    devices: z
      .strictObject({
        base: deviceSchema.optional().describe("Where the base model is scored."),
        extended: deviceSchema.optional().describe("Where the extended reference is scored."),
      })
      .optional()
      .describe(
        "Devices of the two models, such as cuda:0 and cuda:1. On different devices they are scored side by side, on one device one after the other, so that only one is in memory. Left out: the recipe's device for both.",
      ),
    maxTokens: positiveInt.optional().describe("Score at most this many tokens, whole documents in seeded order. Left out: all."),
  })
  .describe("Significance: how much each token's logit changes between the base and an extended model.");
export type Significance = z.infer<typeof significanceSchema>;

export const selectionSchema = z
  .strictObject({
    topFraction: fraction.default(0.2).describe("Share of the corpus's tokens, by significance, that count as impactful."),
    order: z
      .enum(["density", "sum", "random", "coherent"])
      .default("density")
      .describe(
        "Which sentences are kept first: most impactful tokens per token (`density`), most impactful tokens (`sum`), or, as ablations, at random (`random`) or as one run of unbroken text (`coherent`).",
      ),
    upsample: z
      .number()
      .min(1)
      .optional()
      .describe(
        "How many times as likely as a sentence without impactful tokens an average sentence with some is drawn. Left out: those with some come first, the rest only fills what is left.",
      ),
  })
  .describe("Selection of the sentences that hold impactful tokens.");

export const positionsSchema = z
  .strictObject({
    strategy: z
      .enum(["longrecipe", "pose", "randomized", "full"])
      .default("longrecipe")
      .describe(
        "`longrecipe`: skips between sentence segments; `pose`: two chunks; `randomized`: a random sorted subset of positions; `full`: plain positions at length T.",
      ),
    segmentSentences: positiveInt.default(1).describe("Largest number of whole sentences in a segment; drawn uniformly from 1."),
    skips: z
      .enum(["uniform", "sequential", "even"])
      .default("uniform")
      .describe(
        "How `longrecipe` and `pose` draw the skips: `uniform` makes every placement equally likely; `sequential` draws each skip from what the ones before it left; `even` makes all skips alike.",
      ),
  })
  .describe("Position index transformation.");

export const needleSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Run the needle-in-a-haystack grid."),
    haystack: corpusSchema.optional().describe("Held-out text for the haystack. Left out: the training corpus."),
    lengths: z.array(positiveInt).min(1).optional().describe("Prompt lengths in tokens. Left out: W/4 to T by doubling."),
    depths: z
      .array(z.number().min(0).max(1))
      .min(1)
      .default([0, 0.25, 0.5, 0.75, 1])
      .describe("Where the needle stands: 0 is the start of the haystack, 1 its end."),
    trials: positiveInt.default(4).describe("Prompts per length and depth."),
    needle: z.string().default("The access code of {key} is {value}.").describe("The needle sentence. {key} and {value} are filled in."),
    question: z.string().default("The access code of {key} is").describe("The end of the prompt, which the model has to go on from."),
    keys: z.array(z.string().min(1)).min(2).optional().describe("Keys to draw from. Left out: a built-in list of names."),
    valueDigits: z.int().min(1).max(12).default(5).describe("Digits of the value."),
    distractors: z.int().min(0).default(3).describe("Other key-value sentences hidden in the same haystack (multi-key)."),
    distractorSpacing: positiveInt
      .optional()
      .describe("At least one distractor for every this many tokens of the prompt. Left out: the same number at every length."),
    single: z.boolean().default(false).describe("Also ask for every needle without distractors (single-key retrieval)."),
  })
  .describe("Needle in a haystack.");
export type NeedleSettings = z.infer<typeof needleSchema>;

export const evaluationSchema = z
  .strictObject({
    needle: needleSchema.prefault({}),
    perplexity: z
      .strictObject({
        enabled: z.boolean().default(true).describe("Measure perplexity by position."),
        corpus: corpusSchema.optional().describe("Held-out documents. Left out: the needle haystack, else the training corpus."),
        documents: positiveInt.default(8).describe("Documents to measure, each cut to the target length."),
      })
      .prefault({})
      .describe("Perplexity by position, inside and beyond the original window."),
    ropeOnly: z.boolean().default(true).describe("Also evaluate rotary scaling alone, without training."),
  })
  .describe("Evaluation of base, extended and merged model side by side.");

export const mergeSchema = z
  .strictObject({
    method: z
      .enum(["linear", "slerp", "ties", "dare"])
      .default("linear")
      .describe(
        "`linear`: the paper's weighted mean of all tensors, in float32. `slerp`, `ties` and `dare` are mergekit's and need it installed in the worker's Python; in `ties` and `dare` alpha scales the thinned difference.",
      ),
    alpha: z.number().min(0).max(1).default(0.5).describe("Share of the extended model: (1 - alpha) * base + alpha * extended."),
    layers: z
      .array(mergeLayerSchema)
      .default([])
      .describe("Other shares for some layers or tensors; where several fit a tensor, the last one counts."),
    density: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .describe("`ties` and `dare`: share of the entries of the difference between both models that is kept."),
    sweep: z
      .array(z.number().min(0).max(1))
      .default([])
      .describe("Further values of alpha to evaluate, blended in memory and never written. They appear as merged@0.25."),
  })
  .describe("Merge with the original model.");
export type MergeSettings = z.infer<typeof mergeSchema>;

export const exportSchema = z
  .strictObject({
    enabled: z.boolean().default(false).describe("Write base and extended model as ONNX, for scoring in the editor."),
    format: z
      .enum(exportFormats)
      .default("fp16")
      .describe(
        "How weights are stored: `fp32` as they are, `fp16` in half the size (computed in float32), `int8` in a quarter (8-bit products, the least exact).",
      ),
    extended: z
      .enum(["trained", "merged", "reference"])
      .default("trained")
      .describe(
        "The second model of the pair: the extended model (after replay, if any), the merged one, or what the significance stage scored against.",
      ),
  })
  .describe("Export of a pair of models for live scoring in the editor.");
export type ExportSettings = z.infer<typeof exportSchema>;

export const recipeSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: nameSchema.optional().describe("Name of the run. Left out: the recipe file's name."),
    model: z.string().min(1).describe("Folder (relative to the recipe file) or hub id of the model to extend."),
    targetLength: positiveInt.describe("T: the context window to reach, in tokens."),
    trainedLength: positiveInt.optional().describe("L: tokens in a training sample. Left out: 0.3 T, as in the paper."),
    corpus: corpusSchema,
    deduplication: deduplicationSchema.prefault({}),
    significance: significanceSchema.prefault({}),
    selection: selectionSchema.prefault({}),
    positions: positionsSchema.prefault({}),
    rope: ropeSchema.prefault({}),
    training: trainingSchema.prefault({}),
    replay: replaySchema.prefault({}),
    merge: mergeSchema.prefault({}),
    evaluation: evaluationSchema.prefault({}),
    export: exportSchema.prefault({}),
    device: z.enum(["auto", "cuda", "mps", "xpu", "cpu"]).default("auto").describe("Where the worker computes."),
    seed: z.int().nonnegative().default(42).describe("Seed of everything random."),
    output: z.string().min(1).optional().describe("Folder for runs, relative to the recipe file. Left out: `.longrecipe/runs` beside it."),
    study: studySchema.optional(),
  })
  .describe("A LongRecipe: how to extend the context window of a model.");

/** A checked recipe with every default filled in; paths still relative to the recipe file. */
export type Recipe = z.infer<typeof recipeSchema>;
/** A recipe as people write it. */
export type RecipeInput = z.input<typeof recipeSchema>;

/** L: the trained length in tokens. The paper trains on about 30 % of the target length. */
export function trainedLength(recipe: Pick<Recipe, "targetLength" | "trainedLength">): number {
  return recipe.trainedLength ?? Math.round(0.3 * recipe.targetLength);
}
