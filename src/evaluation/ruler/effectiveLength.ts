/**
 * RULER's summary of a model (arXiv 2404.06654): the mean over tasks at each length, the averages weighted towards long and
 * short lengths, and the effective length, which is the longest at which the mean reaches the threshold (85.6 %, the score
 * of Llama-2-7B at 4k, as published).
 */
import { mean } from "d3-array";
import type { ResultRow } from "../../protocol/results.js";
import { ascending } from "../lengths.js";

const family = "ruler/";

export interface RulerLength {
  readonly length: number;
  /** Mean of the tasks' means, 0 to 1. */
  readonly mean: number;
  /** Means by task. */
  readonly tasks: ReadonlyMap<string, number>;
  /** Whether every task that was measured at any length was measured at this one: else the mean is not comparable. */
  readonly whole: boolean;
}

export interface RulerSummary {
  readonly model: string;
  /** Ascending. */
  readonly lengths: readonly RulerLength[];
  /** Longest length whose mean reaches the threshold; null where none does. Lengths that are not whole do not count. */
  readonly effective: number | null;
  /** The effective length is the longest that was measured: the true one may be longer. */
  readonly atLeast: boolean;
  /** Mean over lengths, and with weights that rise (1, 2, 3, ...) or fall with the length; of whole lengths, null without any. */
  readonly averages: { readonly even: number; readonly rising: number; readonly falling: number } | null;
}

/** Whether a task is one of RULER's. */
export function isRuler(task: string): boolean {
  return task.startsWith(family);
}

/**
 * @param threshold 0 to 1
 * @returns one summary for each model that has RULER rows, in the order of the rows
 */
export function summarizeRuler(rows: readonly Pick<ResultRow, "model" | "task" | "length" | "score">[], threshold: number): RulerSummary[] {
  const own = rows.filter(({ task }) => isRuler(task));
  return [...new Set(own.map(({ model }) => model))].map((model) =>
    summarizeModel(
      model,
      own.filter((row) => row.model === model),
      threshold,
    ),
  );
}

function summarizeModel(model: string, rows: readonly Pick<ResultRow, "task" | "length" | "score">[], threshold: number): RulerSummary {
  const tasks = new Set(rows.map(({ task }) => task));
  const lengths = ascending(rows.map(({ length }) => length)).map((length): RulerLength => {
    const means = new Map<string, number>();
    for (const task of tasks) {
      const scores = rows.filter((row) => row.task === task && row.length === length).map(({ score }) => score);
      if (scores.length > 0) means.set(task.slice(family.length), mean(scores) ?? 0);
    }
    return { length, mean: mean(means.values()) ?? 0, tasks: means, whole: means.size === tasks.size };
  });
  const whole = lengths.filter((one) => one.whole);
  const effective = whole.findLast(({ mean }) => mean >= threshold)?.length ?? null;
  return { model, lengths, effective, atLeast: effective !== null && effective === lengths.at(-1)?.length, averages: averagesOf(whole) };
}

function averagesOf(lengths: readonly RulerLength[]): RulerSummary["averages"] {
  if (lengths.length === 0) return null;
  const weighted = (weight: (at: number) => number): number => {
    const total = lengths.reduce((sum, _, at) => sum + weight(at), 0);
    return lengths.reduce((sum, { mean }, at) => sum + mean * weight(at), 0) / total;
  };
  return { even: weighted(() => 1), rising: weighted((at) => at + 1), falling: weighted((at) => lengths.length - at) };
}
