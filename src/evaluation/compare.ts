/** What an evaluation says of the models against their base: scores with intervals, and whether general ability was kept. */
import type { AbilityChange, BenchmarkScores, EvaluationSummary, Measure, ScoreCell } from "../protocol/evaluationView.js";
import type { ResultRow, Results } from "../protocol/results.js";
import { wilson } from "./intervals.js";
import { isLikelihood, measureOf, valueOf } from "./measures.js";
import { logRatioInterval, pairedDifference, type WeightedPair } from "./paired.js";
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
  const lengths = [...new Set(rows.map(({ length }) => length))].sort((a, b) => a - b);
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

/** Inside W, on the same prompts and documents, every other model against the base. */
function abilityChanges(results: Results): AbilityChange[] {
  const inside = results.rows.filter(({ length }) => length <= results.window);
  const base = inside.filter(({ model }) => model === "base");
  return orderedModels(inside)
    .filter((model) => model !== "base")
    .flatMap((model) => {
      const own = inside.filter((row) => row.model === model);
      return [perplexityChange(model, base, own), needleChange(model, base, own)].filter((change) => change !== null);
    });
}

function perplexityChange(model: string, base: readonly ResultRow[], own: readonly ResultRow[]): AbilityChange | null {
  const before = byDocument(base);
  const pairs: WeightedPair[] = [];
  for (const [document, { sum, tokens }] of byDocument(own)) {
    const earlier = before.get(document);
    if (earlier === undefined || earlier.tokens !== tokens) continue;
    pairs.push({ difference: (sum - earlier.sum) / tokens, weight: tokens });
  }
  // One document has no spread to judge it by.
  if (pairs.length < 2) return null;
  const { value, low, high } = logRatioInterval(pairs);
  const verdict = low > 0 ? "worse" : high < 0 ? "better" : "same";
  return {
    model,
    ability: "perplexity",
    change: { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) },
    pairs: pairs.length,
    verdict,
  };
}

/** Nats and tokens of each document, over its bins. */
function byDocument(rows: readonly ResultRow[]): Map<string, { sum: number; tokens: number }> {
  const documents = new Map<string, { sum: number; tokens: number }>();
  for (const { task, promptHash, trial, score, tokens = 0 } of rows) {
    if (task !== "perplexity" || tokens === 0) continue;
    const key = `${promptHash} ${String(trial)}`;
    const known = documents.get(key) ?? { sum: 0, tokens: 0 };
    documents.set(key, { sum: known.sum + score * tokens, tokens: known.tokens + tokens });
  }
  return documents;
}

function needleChange(model: string, base: readonly ResultRow[], own: readonly ResultRow[]): AbilityChange | null {
  const key = ({ promptHash, length, depth, trial }: ResultRow): string =>
    `${promptHash} ${String(length)} ${String(depth)} ${String(trial)}`;
  const before = new Map(base.filter(({ task }) => task === firstTask).map((row) => [key(row), row.score >= 0.5]));
  const pairs = own.flatMap((row): [boolean, boolean][] => {
    const earlier = row.task === firstTask ? before.get(key(row)) : undefined;
    return earlier === undefined ? [] : [[row.score >= 0.5, earlier]];
  });
  if (pairs.length === 0) return null;
  const change = pairedDifference(pairs);
  const verdict = change.high < 0 ? "worse" : change.low > 0 ? "better" : "same";
  return { model, ability: "needle", change, pairs: pairs.length, verdict };
}
