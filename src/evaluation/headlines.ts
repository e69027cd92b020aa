/** One number a benchmark, for the history over runs. */
import { mean, rollup } from "d3-array";
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
  const scores: { readonly name: string; readonly cell: string; readonly score: number }[] = [];
  const lost = new Set(missing.filter((one) => one.model === null || one.model === model).map(({ task }) => task.split("/")[0]));
  for (const { model: name, task, length, score } of rows) {
    const family = task.split("/")[0] ?? "";
    const title = families[family];
    if (name === model && title !== undefined && !isLikelihood(task) && !lost.has(family)) {
      scores.push({ name: title, cell: `${task} ${String(length)}`, score });
    }
  }
  for (const { model: name, task, group, metric, score } of abilities) {
    if (name === model && !lost.has(task) && !lost.has(group)) {
      scores.push({ name: `${group ?? task} (${metric})`, cell: "all", score });
    }
  }
  const means = rollup(
    scores,
    (own) => meanScore(own) ?? 0,
    ({ name }) => name,
    ({ cell }) => cell,
  );
  return [...means].map(([name, cells]) => ({ name, score: mean(cells.values()) ?? 0 }));
}
