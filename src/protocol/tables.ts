/**
 * The tables that pass between TypeScript and the worker: Arrow IPC *file* format, one row a document, sample or prompt.
 * Written beside and renamed into place, so a table that exists is whole.
 *
 * | table       | columns |
 * |-------------|---------|
 * | documents   | document: int32, path: utf8, hash: utf8 (sha256 of the file's bytes), text: utf8 |
 * | tokens      | document: int32, ids: list<int32>, starts: list<int32>, ends: list<int32> (UTF-16 code units in text) |
 * | scores      | document: int32, logit: list<float32>, logprob: list<float32> (one a token; NaN for a document's first token) |
 * | significance| document: int32, path: utf8, hash: utf8, starts, ends: list<int32>, score: list<float32>, base, extended: list<float32> (log-probabilities) |
 * | selection   | document: int32, sentence: int32, first, end: int32 (tokens [first, end)), impactful: int32, score: float32 |
 * | samples     | sample: int32, document: int32, ids: list<int32>, positions: list<int32>, segments: list<int32> (start of each segment); where the objective is significance: weights: list<float32> (loss weight of each token, mean 1 over the tokens that are predicted) |
 * | origins     | sample: int32, document, first, end: list<int32> (run by run: the sample's tokens are tokens [first, end) of the document) |
 * | prompts     | prompt: int32, ids: list<int32>; where a prompt has its own: maxNewTokens: int32 (null: the job's), stop: list<utf8> (texts that end an answer) |
 * | generations | prompt: int32, ids: list<int32> (new tokens, without an end token; with those that spell a stop text), text: utf8 (cut before the first stop text). Prompts that were skipped have no row |
 * | textPairs   | pair: int32, candidate: utf8, reference: utf8 |
 * | textScores  | pair: int32, precision, recall, f1: float32 |
 *
 * A sample's ids and positions have one length. Batches are padded by the worker, never here.
 */
import * as z from "zod";

/** What `inspect` finds out about one model. */
export const inspectionSchema = z.object({
  model: z.string(),
  path: z.string().describe("Local folder the model was found in or downloaded to."),
  architecture: z.string().describe("Class name, e.g. LlamaForCausalLM."),
  modelType: z.string(),
  window: z.int().positive().describe("W: max_position_embeddings."),
  vocabularySize: z.int().positive(),
  parameters: z.int().positive().describe("Number of weights."),
  hiddenSize: z.int().positive(),
  layers: z.int().positive(),
  headDimension: z.int().positive().nullable().describe("d of the rotary formula (rotary part of a head); null where there is none."),
  ropeParameters: z.record(z.string(), z.unknown()).nullable().describe("null: the model has no rotary positions."),
  tokenizerHash: z.string().describe("sha256 of vocabulary and merges: equal for equal tokenizers."),
  hasOffsets: z.boolean().describe("Whether the tokenizer reports character offsets."),
  layerReach: z
    .array(z.object({ window: z.int().positive().nullable(), rotary: z.boolean() }))
    .optional()
    .describe("Each layer: tokens it looks back over (null: all), and whether it has rotary positions."),
  localRopeParameters: z
    .record(z.string(), z.unknown())
    .nullable()
    .optional()
    .describe("Those of sliding layers, where they have their own."),
  ropeTypes: z.array(z.string()).optional().describe("Values of rope.type that the model's class in transformers takes."),
  rotaryLayout: z.string().nullable().optional().describe("Which dimensions are rotated together: halves or pairs; null: not known."),
  alwaysMasked: z.boolean().optional().describe("transformers builds an N x N mask for it, whatever the kernel."),
  tokenizerTokens: z.int().nonnegative().optional().describe("Tokens of the vocabulary itself, without added ones."),
  addedTokens: z.record(z.string(), z.string()).optional().describe("Added tokens by id."),
  promptPrefix: z.array(z.int().nonnegative()).optional().describe("Ids that the tokenizer itself puts before a text, such as BOS."),
  chatTemplate: z
    .object({ before: z.string(), after: z.string() })
    .nullable()
    .optional()
    .describe(
      "Text around one user message, up to where the answer begins; `before` holds BOS where the template writes one, so promptPrefix is not for it. null: the model has no template, or none that leaves a message as it is.",
    ),
  contentHash: z.string().describe("sha256 over names, sizes and contents of config and weights: the model's identity in cache keys."),
});
export type Inspection = z.infer<typeof inspectionSchema>;

const metricsSchema = z.record(z.string(), z.number());

/** How the tasks of lm-evaluation-harness went under one model: metadata of an abilities table, as JSON. */
export const abilityReportSchema = z.object({
  lmEval: z.string().describe("Version of lm-evaluation-harness."),
  tasks: z.record(
    z.string(),
    z.object({
      version: z.string().describe("The task's own version."),
      fewShot: z.int().nonnegative(),
      documents: z.int().nonnegative().describe("How many the task has."),
      measured: z.int().nonnegative().describe("How many of them were asked: fewer under a limit."),
      cut: z.int().nonnegative().describe("How many of those had prompts longer than the model may see: they lost their beginning."),
      metrics: metricsSchema.describe("Metric and filter (`acc,none`): lm-evaluation-harness's own aggregate."),
      higherIsBetter: z.record(z.string(), z.boolean()),
    }),
  ),
  groups: z
    .record(z.string(), z.object({ version: z.string(), tasks: z.array(z.string()), metrics: metricsSchema }))
    .describe("Groups as asked for and within them: their tasks, and the aggregate."),
  missing: z.array(z.object({ task: z.string(), code: z.string(), message: z.string(), remedy: z.string() })),
});
export type AbilityReport = z.infer<typeof abilityReportSchema>;
