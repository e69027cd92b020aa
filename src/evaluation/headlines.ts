/** One number a benchmark, for the history over runs. */
import type { Results } from "../protocol/results.js";
import { isLikelihood, meanScore } from "./measures.js";

export interface Headline {
  readonly name: string;
  /** 0 to 1. */
  readonly score: number;
}

const families: Readonly<Record<string, string>> = {
  ruler: "RULER",
  longbench: "LongBench",
  "longbench-e": "LongBench-E",
  "longbench-v2": "LongBench v2",
  loogle: "LooGLE",
};

/**
 * The mean over tasks and lengths of every benchmark, and of every task or group of general ability, of one model. Benchmarks
 * of which something is missing are left out: their mean would be that of something else.
 */
export function headlines({ rows, abilities = [], missing = [] }: Results, model: string): Headline[] {
  const cells = new Map<string, Map<string, { score: number }[]>>();
  const put = (name: string, cell: string, score: number): void => {
    const known = cells.get(name) ?? new Map<string, { score: number }[]>();
    known.set(cell, [...(known.get(cell) ?? []), { score }]);
    cells.set(name, known);
  };
  const lost = new Set(missing.filter((one) => one.model === null || one.model === model).map(({ task }) => task.split("/")[0]));
  for (const { model: name, task, length, score } of rows) {
    const family = task.split("/")[0] ?? "";
    const title = families[family];
    if (name === model && title !== undefined && !isLikelihood(task) && !lost.has(family)) put(title, `${task} ${String(length)}`, score);
  }
  for (const { model: name, task, group, metric, score } of abilities) {
    if (name === model && !lost.has(task) && !lost.has(group)) put(`${group ?? task} (${metric})`, "all", score);
  }
  return [...cells].flatMap(([name, own]) => {
    const mean = meanScore([...own.values()].map((scores) => ({ score: meanScore(scores) ?? 0 })));
    return mean === null ? [] : [{ name, score: mean }];
  });
}
