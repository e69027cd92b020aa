/** What a run's evaluation found, by model, benchmark and length. */
import { basename } from "node:path";
import * as z from "zod";
import { abilityCells } from "../evaluation/export/cells.js";
import { measureOf, valueOf } from "../evaluation/measures.js";
import { summarizeRuler } from "../evaluation/ruler/effectiveLength.js";
import { readResults } from "../panels/resultsFile.js";
import { exitCode, UserError } from "../protocol/errors.js";
import type { Measure } from "../protocol/evaluationView.js";
import type { AbilityRow, ResultRow } from "../protocol/results.js";
import { readRunRecipe } from "../runner/runDirectory.js";
import { chosenRun } from "./chosenRun.js";
import type { Tool } from "./register.js";

const inputSchema = z.object({ run: z.string().optional() });

export const evaluationResults: Tool = async ({ store }, input) => {
  const run = chosenRun(store, inputSchema.parse(input).run);
  const { results, damagedRows } = await readResults(run.resultsFile);
  if (results === null) {
    throw new UserError(
      "no-results",
      `${basename(run.directory)} has no evaluation results (it is ${run.status}).`,
      "Wait until its stage `evaluate` is done, or start that with LongRecipe: Evaluate Again.",
      exitCode.badInput,
    );
  }
  const { window, targetLength, rows } = results;
  const { missing = [], abilities = [] } = results;
  const ruler = summarizeRuler(rows, (await readRunRecipe(run.directory)).evaluation.ruler.threshold);
  return {
    run: basename(run.directory),
    window,
    targetLength,
    // First, so that nobody takes a part for the whole.
    complete: missing.length === 0 && damagedRows === 0,
    missing,
    scores: meanScores(rows),
    effectiveLengths: ruler.map(({ model, effective, atLeast }) => ({ model, effective, atLeast })),
    abilities: abilityScores(abilities),
    damagedRows,
    report: run.paths.reportMarkdown,
  };
};

/** Mean scores of general ability, by model, task and metric. */
export function abilityScores(
  rows: readonly AbilityRow[],
): { model: string; task: string; metric: string; score: number; count: number }[] {
  return abilityCells(rows, []).map(({ model, task, metric, value, count }) => ({ model, task, metric, score: value, count }));
}

export interface MeanScore {
  readonly model: string;
  readonly task: string;
  readonly measure: Measure;
  readonly length: number;
  /** As `measure` says: share of prompts right, mean score 0 to 1, perplexity, or nats. */
  readonly score: number;
  /** Prompts, or tokens. */
  readonly count: number;
}

/** Rows gathered by model, task and length: mean scores; what is measured over tokens by all tokens of a bin. */
export function meanScores(rows: readonly ResultRow[]): MeanScore[] {
  const groups = new Map<string, { row: ResultRow; sum: number; weight: number }>();
  for (const row of rows) {
    const key = JSON.stringify([row.model, row.task, row.length]);
    const group = groups.get(key) ?? { row, sum: 0, weight: 0 };
    const weight = row.tokens ?? 1;
    group.sum += row.score * weight;
    group.weight += weight;
    groups.set(key, group);
  }
  return [...groups.values()].map(({ row: { model, task, length }, sum, weight }) => {
    const measure = measureOf(task);
    return { model, task, measure, length, score: valueOf(measure, sum / weight), count: weight };
  });
}
