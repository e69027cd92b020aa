/** What a report is made from, and the tables that its Markdown and HTML forms share. */
import { inPercent, percent, perplexityText, tokensText } from "./format.js";
import type { OmissionCounts, PrepareSummary, SignificanceSummary } from "../protocol/corpusSummary.js";
import type { CoverageFile } from "../protocol/coverage.js";
import type { Recipe } from "../protocol/recipe.js";
import type { Results } from "../protocol/results.js";
import { benchmarkTables } from "./benchmarkTables.js";
import { changesTable, lossTables, missingTable } from "./lossTables.js";
import { recipeTable } from "./recipeTable.js";
import type { Diagnosis } from "../protocol/events.js";
import { isUnmeasured } from "../recipe/diagnosis/unmeasured.js";
import type { Summary } from "./summary.js";

/** Loss of one training stage by optimizer step. */
export interface LossSeries {
  readonly stage: string;
  readonly step: readonly number[];
  readonly loss: readonly number[];
}

/** Perplexity of held-out text while a stage was training. */
export interface ValidationSeries {
  readonly stage: string;
  readonly step: readonly number[];
  /** At positions below W, and from W on; NaN where it was not measured. */
  readonly inside: readonly number[];
  readonly beyond: readonly number[];
}

export interface ReportInput {
  readonly summary: Summary;
  /** The model that was extended. */
  readonly model: string;
  readonly losses: readonly LossSeries[];
  /** Signs that the method does not hold here, with what to change. */
  readonly diagnoses: readonly Diagnosis[];
  readonly validations?: readonly ValidationSeries[];
  /** Which relative distances the samples train, the run's own strategy first. */
  readonly coverage?: CoverageFile | null;
  readonly recipe?: Recipe;
  /** Everything that was measured; left out: what the summary holds. */
  readonly results?: Results;
  /** What was read and left out; null where it is not known. */
  readonly corpus?: PrepareSummary | null;
  readonly scored?: SignificanceSummary | null;
}

/** Diagnoses under their headings: what was found, then what could not be told. Those without one are left out. */
export function diagnosisSections(diagnoses: readonly Diagnosis[]): { readonly title: string; readonly entries: readonly Diagnosis[] }[] {
  return [
    { title: "What does not hold", entries: diagnoses.filter((diagnosis) => !isUnmeasured(diagnosis)) },
    { title: "What was not measured", entries: diagnoses.filter(isUnmeasured) },
  ].filter(({ entries }) => entries.length > 0);
}

/** A table as text cells; the first column names the row. */
export interface TextTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note: string;
  /** Whether the cells are words: numbers stand at the right. */
  readonly words?: boolean;
}

/** Needle accuracy by model and length, with 95 % intervals. */
export function needleTable(summary: Summary): TextTable {
  const { lengths, needle, window } = summary;
  return {
    title: "Needle in a haystack",
    head: ["model", ...lengths.map((length) => `${tokensText(length)}${length > window ? " *" : ""}`), "up to W", "beyond W"],
    rows: needle.map(({ model, byLength, inside, beyond }) => [
      model,
      ...lengths.map((length) => {
        const cell = byLength.get(length);
        if (cell === undefined) return "–";
        return `${percent(cell.share)} (${inPercent(cell.interval.low)}–${inPercent(cell.interval.high)})`;
      }),
      inside === null ? "–" : percent(inside),
      beyond === null ? "–" : percent(beyond),
    ]),
    note: `Share of needles retrieved by prompt length in tokens, with 95 % Wilson intervals. * beyond the original window of W = ${tokensText(window)}. The last two columns are means over lengths.`,
  };
}

/** Perplexity by model and bin of positions. */
export function perplexityTable(summary: Summary): TextTable {
  const { bins, perplexity, window } = summary;
  return {
    title: "Perplexity by position",
    head: ["model", ...bins.map((end) => `to ${tokensText(end)}${end > window ? " *" : ""}`), "up to W", "beyond W"],
    rows: perplexity.map(({ model, byBin, inside, beyond }) => [
      model,
      ...bins.map((end) => {
        const cell = byBin.get(end);
        return cell === undefined ? "–" : perplexityText(cell.perplexity);
      }),
      inside === null ? "–" : perplexityText(inside),
      beyond === null ? "–" : perplexityText(beyond),
    ]),
    note: `Perplexity of held-out documents at the positions from one bin's end to the next. * beyond the original window of W = ${tokensText(window)}.`,
  };
}

/** How well the distances that samples train are spread, by strategy. */
export function coverageTable({ coverage }: CoverageFile): TextTable {
  return {
    title: "Relative distances",
    head: ["strategy", "pairs", "ranges not reached", "distance from uniform"],
    rows: coverage.map(({ strategy, source, pairs, emptyBins, trained, totalVariation }) => [
      source === "samples" ? strategy : `${strategy} (simulated)`,
      pairs.toLocaleString("en-US"),
      `${emptyBins} of ${trained.length}`,
      totalVariation.toFixed(3),
    ]),
    note: "Pairs of tokens of the training samples by their distance, against every distance below T equally often: total variation, 0 where they agree, 1 where they are apart. Simulated: the same texts under another strategy.",
  };
}

/** What the run was trained on, source by source, and what was left out. */
export function corpusTable({ sources, replaySources, omitted, replayOmitted }: PrepareSummary, withoutScores: number): TextTable {
  const left = [omitted, ...(replayOmitted === null ? [] : [replayOmitted])];
  const total = (kind: Exclude<keyof OmissionCounts, "examples">): number => left.reduce((sum, one) => sum + one[kind], 0);
  const counted = (count: number): string => count.toLocaleString("en-US");
  const [example] = left.flatMap(({ examples }) => examples);
  const first = example === undefined ? "" : ` The first that cannot be used: ${example.path} (${example.reason}).`;
  const foreign = total("foreign") === 0 ? "" : ` ${counted(total("foreign"))} hold tokens that the model lacks.`;
  const unscored = withoutScores === 0 ? "" : ` For ${counted(withoutScores)} of the corpus a model gave no scores: not trained on.`;
  return {
    title: "Corpus",
    head: ["source", "documents", "tokens"],
    rows: [...sources, ...replaySources].map(({ key, documents, tokens }) => [key, counted(documents), counted(tokens)]),
    note: `Left out: ${counted(total("unreadable"))} unreadable, ${counted(total("empty"))} empty and ${counted(total("repeated"))} nearly repeated documents.${foreign}${first}${unscored}`,
  };
}

/** The tables that have a row. */
export function reportTables({
  summary,
  coverage,
  recipe,
  corpus,
  scored,
  results,
}: Pick<ReportInput, "summary" | "coverage" | "recipe" | "corpus" | "scored" | "results">): TextTable[] {
  const further = results === undefined ? [] : [...lossTables(results), ...benchmarkTables(results, rulerThreshold(recipe))];
  return [
    ...(results === undefined ? [] : [missingTable(results)]),
    needleTable(summary),
    perplexityTable(summary),
    ...further,
    ...(results === undefined ? [] : [changesTable(results)]),
    ...(corpus == null ? [] : [corpusTable(corpus, scored?.withoutScores ?? 0)]),
    ...(coverage == null ? [] : [coverageTable(coverage)]),
    ...(recipe === undefined ? [] : [recipeTable(recipe)]),
  ].filter(({ rows }) => rows.length > 0);
}

/** The share at which a length counts as effective: the recipe's, else as published. */
export function rulerThreshold(recipe: Recipe | undefined): number {
  return recipe?.evaluation.ruler.threshold ?? 0.856;
}
