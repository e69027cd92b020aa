/** Names of the files that stages hand on, in one place. */

/** Stage `prepare`. */
export const prepareFiles = {
  /** Documents of the corpus, then of the replay corpus. */
  documents: "documents.arrow",
  /** Tokens of the corpus. */
  tokens: "tokens.arrow",
  /** Tokens of the replay corpus; only where there is one. */
  replayTokens: "replay-tokens.arrow",
  summary: "summary.json",
} as const;

/** Stage `significance`. */
export const significanceFile = "significance.arrow";
export const significanceSummaryFile = "summary.json";
/** Stage `select`. */
export const selectionFiles = { selection: "selection.arrow", summary: "summary.json" } as const;
/** Stage `samples`. */
export const sampleFiles = {
  extend: "samples.arrow",
  replay: "replay.arrow",
  /** Where the tokens of the samples for the extension come from. */
  origins: "origins.arrow",
  /** The same of the samples for replay. */
  replayOrigins: "replay-origins.arrow",
  /** Which relative distances the samples train: protocol/coverage.ts. */
  coverage: "coverage.json",
  summary: "summary.json",
} as const;
/** Stages `extend`, `replay` and `merge`: the folder of the checkpoint. */
export const modelFolder = "model";
/** In the folder of the merged checkpoint. */
export const modelCardFile = "README.md";
/** Stages `extend` and `replay`: what the training took. */
export const trainingSummaryFile = "summary.json";
/** Stages `extend` and `replay`: held-out text that is measured while training. */
export const validationFolder = "validation";
/** Stage `evaluate`. */
export const evaluationFiles = {
  results: "results.json",
  markdown: "report.md",
  html: "report.html",
  prompts: "prompts.arrow",
  /** JSON Lines: each prompt as text, with what is hidden in it. */
  promptTexts: "prompts.jsonl",
  /** There while a server owes answers that it may give another time. */
  unanswered: "unanswered",
} as const;
/** Stage `significance`, where a warm-up trains the reference: the folder of that training. */
export const warmupFolder = "warmup";
/** Stage `export`: the pair of models for the editor (src/scorer/pair.ts). */
export const pairFolder = "pair";
