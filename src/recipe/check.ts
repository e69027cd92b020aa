/** Whether a recipe can work at all: its keys against each other, and against the facts about models and files. */
import type { Problem } from "../protocol/errors.js";
import { corpusSources, trainedLength, type Recipe } from "../protocol/recipe.js";
import type { Inspection } from "../protocol/tables.js";
import { checkEvaluatedModel, checkEvaluation } from "./checkEvaluation.js";
import { checkArchitecture, checkLayerRanges, checkReference } from "./checkModel.js";
import { hasRotaryPositions } from "./rope.js";
import { scoringWindow } from "./significance.js";

/** What is known before a run starts; null where something could not be found out (and was reported elsewhere). */
export interface RecipeFacts {
  readonly base: Inspection | null;
  readonly reference: Inspection | null;
  /** Files found for each source, by its key path (`corpus`, `replay.corpus[1]`, ...). */
  readonly corpusFiles: Readonly<Record<string, SourceFiles>>;
  /** Nothing is extended: what the method needs of a model is not asked for. */
  readonly evaluationOnly?: boolean;
}

/** What was found for one source of a corpus. */
export interface SourceFiles {
  readonly files: number;
  /** Those among them that belong to no earlier source of the corpus. */
  readonly own: number;
  /** Those among them that hold JSON by their name, but not JSON Lines. */
  readonly json: number;
  /** Patterns of `include` that no file matches, beside others. */
  readonly idle: readonly string[];
  /** Files that `exclude` leaves out, told where that is all of them. */
  readonly excluded: number;
  /** Places in `include` of names that do not exist. */
  readonly missing: readonly number[];
}

/** Takes a problem: the key's path and what is wrong with it. */
export type Report = (path: string, message: string) => void;

/** Checks that need nothing but the recipe. All problems at once. */
export function checkRecipe(recipe: Recipe): Problem[] {
  return collect((report) => {
    checkLengths(recipe, report);
    checkSelection(recipe, report);
    checkTraining(recipe, report);
    checkRope(recipe, report);
    checkLayerRanges(recipe, report);
    checkEvaluation(recipe, report);
  });
}

/** Checks against models and files, on top of `checkRecipe`. All problems at once. */
export function checkFacts(recipe: Recipe, facts: RecipeFacts): Problem[] {
  return collect((report) => {
    for (const [path, found] of Object.entries(facts.corpusFiles)) checkFiles(path, found, report);
    if (facts.base === null) return;
    if (!facts.base.hasOffsets) report("model", "its tokenizer reports no character offsets (a fast tokenizer is needed)");
    checkEvaluatedModel(recipe, facts.base, report);
    if (!facts.evaluationOnly) checkModel(recipe, facts.base, facts.reference, report);
  });
}

/** What a corpus may not have meant. */
export function fileWarnings(corpusFiles: RecipeFacts["corpusFiles"]): string[] {
  return Object.entries(corpusFiles).flatMap(([path, { json, idle }]) => [
    ...idle.map((pattern) => `${path}.include: no file matches ${pattern}.`),
    ...(json === 0 ? [] : [`${path}: ${json} ${json === 1 ? "file" : "files"} ${namedJson}`]),
  ]);
}

const namedJson = "named .json will be read as plain text, brackets and all. For records take JSON Lines (.jsonl), an object a line.";

function checkFiles(path: string, { files, own, excluded, missing }: SourceFiles, report: Report): void {
  for (const place of missing) report(`${path}.include[${place}]`, "there is no such file or folder");
  if (files > 0 && own === 0) report(`${path}.include`, "every file that matches belongs to an earlier source");
  if (files > 0) return;
  if (excluded > 0) report(`${path}.exclude`, `leaves out all ${excluded} files that match \`include\``);
  else if (missing.length === 0) report(`${path}.include`, "no file matches");
}

function collect(check: (report: Report) => void): Problem[] {
  const problems: Problem[] = [];
  check((path, message) => problems.push({ path, message }));
  return problems;
}

function checkLengths(recipe: Recipe, report: Report): void {
  const T = recipe.targetLength;
  const L = trainedLength(recipe);
  if (L > T) report("trainedLength", `${L} tokens are more than targetLength (${T})`);
  if (L < 2)
    report(recipe.trainedLength === undefined ? "targetLength" : "trainedLength", `a sample of ${L} tokens is too short to train on`);
  if (recipe.positions.strategy === "full" && recipe.trainedLength !== undefined && recipe.trainedLength !== T) {
    report("trainedLength", `the strategy \`full\` trains at targetLength (${T}); leave trainedLength out`);
  }
  if (recipe.positions.strategy !== "longrecipe" && recipe.positions.segmentSentences !== 1) {
    report("positions.segmentSentences", `has no meaning for the strategy \`${recipe.positions.strategy}\``);
  }
  const window = scoringWindow(recipe, T);
  const { minContext, reference } = recipe.significance;
  if (reference.source === "contrast" && (reference.stride ?? 1) > reference.context) {
    report("significance.reference.stride", `${String(reference.stride)} must not be larger than context (${reference.context})`);
  }
  if (minContext !== undefined && minContext >= window) {
    report("significance.minContext", `${minContext} must be smaller than the scoring window (${window})`);
  }
}

function checkSelection(recipe: Recipe, report: Report): void {
  const { order, upsample } = recipe.selection;
  if (upsample !== undefined && (order === "random" || order === "coherent")) {
    report("selection.upsample", `has no meaning for the order \`${order}\`, which does not look at impactful tokens`);
  }
  if (recipe.positions.skips !== "uniform" && (recipe.positions.strategy === "randomized" || recipe.positions.strategy === "full")) {
    report("positions.skips", `has no meaning for the strategy \`${recipe.positions.strategy}\``);
  }
  for (const [path, corpus] of Object.entries({
    "evaluation.needle.haystack": recipe.evaluation.needle.haystack,
    "evaluation.perplexity.corpus": recipe.evaluation.perplexity.corpus,
    "evaluation.ruler.haystack": recipe.evaluation.ruler.haystack,
  })) {
    for (const { key, source } of corpus === undefined ? [] : corpusSources(corpus)) {
      if (source.weight !== undefined) report(`${path}${key}.weight`, "held-out text is not mixed by weight; leave it out");
    }
  }
}

function checkTraining(recipe: Recipe, report: Report): void {
  const { low, high } = recipe.training.lossWeights;
  recipe.training.validation.lengths?.forEach((length, place) => {
    if (length > recipe.targetLength)
      report(`training.validation.lengths[${place}]`, `${length} is beyond targetLength (${recipe.targetLength})`);
  });
  if (low > high) report("training.lossWeights.low", `${low} must not be more than training.lossWeights.high (${high})`);
  for (const key of ["training", "replay"] as const) {
    const { batchSize, microBatchSize, samples, steps } = recipe[key];
    if (key === "replay" && (!recipe.replay.enabled || recipe.replay.corpus === undefined)) continue;
    if (batchSize % microBatchSize !== 0) report(`${key}.microBatchSize`, `${microBatchSize} does not divide batchSize (${batchSize})`);
    if (steps === undefined && samples < batchSize) report(`${key}.samples`, `${samples} samples do not fill one batch of ${batchSize}`);
  }
}

function checkRope(recipe: Recipe, report: Report): void {
  const { betaFast, betaSlow } = recipe.rope;
  if (betaSlow >= betaFast) report("rope.betaSlow", `${betaSlow} must be smaller than rope.betaFast (${betaFast})`);
  if (recipe.significance.reference.source === "rope" && recipe.rope.type === "none" && recipe.rope.theta === undefined) {
    report(
      "significance.reference.source",
      "`rope` needs rotary scaling, but rope.type is `none`: base and reference would be one model. Take `warmup`, `contrast` or `checkpoint`",
    );
  }
}

function checkModel(recipe: Recipe, base: Inspection, reference: Inspection | null, report: Report): void {
  const T = recipe.targetLength;
  const W = base.window;
  if (T <= W) report("targetLength", `nothing to extend: the model's window is ${W} tokens already, targetLength is ${T}`);
  if (!hasRotaryPositions(base)) report("model", `${base.architecture} has no rotary positions, which are what LongRecipe extends`);
  checkArchitecture(recipe, base, report);
  const { length, enabled } = recipe.replay;
  if (enabled && length !== undefined && length > T) report("replay.length", `${length} is beyond targetLength (${T})`);
  const contrast = recipe.significance.reference;
  if (contrast.source === "contrast" && contrast.context >= scoringWindow(recipe, W)) {
    report("significance.reference.context", `${contrast.context} must be smaller than the scoring window (${scoringWindow(recipe, W)})`);
  }
  if (reference !== null) checkReference(base, reference, report);
}
