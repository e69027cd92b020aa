/** What an evaluation says of the models against their base: scores with intervals, and whether general ability was kept. */
import type { BenchmarkScores, EvaluationSummary, Measure, ScoreCell } from "../protocol/evaluationView.js";
import type { ResultRow, Results } from "../protocol/results.js";
import { wilson } from "./intervals.js";
import { ascending } from "./lengths.js";
import { isLikelihood, measureOf, valueOf } from "./measures.js";
import { abilityChanges } from "./changes.js";
import { logRatioInterval } from "./paired.js";
import { orderedModels } from "./summary.js";

/** Needles as every run measures them; other tasks follow by name, perplexity comes last. */
const firstTask = "needle";

export function compareModels(results: Results): EvaluationSummary {
  const tasks = [...new Set(results.rows.map(({ task }) => task))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en"));
  return {
    window: results.window,
    targetLength: results.targetLength,
    benchmarks: tasks.map((task) =>
      benchmark(
        task,
        results.rows.filter((row) => row.task === task),
      ),
    ),
    changes: abilityChanges(results),
  };
}

function rank(task: string): number {
  if (task === firstTask) return 0;
  return task === "perplexity" ? 2 : isLikelihood(task) ? 3 : 1;
}

function benchmark(task: string, rows: readonly ResultRow[]): BenchmarkScores {
  const measure = measureOf(task);
  const lengths = ascending(rows.map(({ length }) => length));
  const models = orderedModels(rows);
  return {
    task,
    measure,
    lengths,
    models,
    cells: models.map((model) =>
      lengths.map((length) =>
        cell(
          measure,
          rows.filter((row) => row.model === model && row.length === length),
        ),
      ),
    ),
  };
}

/**
 * A score with its interval of 95 %. What was measured over tokens: by Student's t, documents being the units. Answers to
 * prompts: Wilson's, which is right for 0 and 1 and wide enough for scores in between, since no score from 0 to 1 with mean p
 * varies more than p (1 - p).
 */
function cell(measure: Measure, rows: readonly ResultRow[]): ScoreCell | null {
  if (rows.length === 0) return null;
  if (rows.some(({ tokens }) => tokens !== undefined)) return tokensCell(measure, rows);
  const hits = rows.reduce((sum, { score }) => sum + score, 0);
  return { value: hits / rows.length, ...wilson(hits, rows.length), count: rows.length };
}

function tokensCell(measure: Measure, rows: readonly ResultRow[]): ScoreCell | null {
  const tokens = rows.reduce((sum, row) => sum + (row.tokens ?? 0), 0);
  if (tokens === 0) return null;
  const interval = logRatioInterval(rows.map(({ score, tokens: weight = 0 }) => ({ difference: score, weight })));
  const told = (mean: number): number => valueOf(measure, mean);
  return { value: told(interval.value), low: told(interval.low), high: told(interval.high), count: tokens };
}
