/** What a study compares: numbers of one model of one run, by name, taken from its results. */
import { singleNeedle } from "../evaluation/needlePlan.js";
import { summarize, type Summary } from "../evaluation/summary.js";
import type { Results } from "../protocol/results.js";

/** The two kinds of retrieval: needles among distractors, and needles alone. */
export const retrievals = ["multikey", "single"] as const;
export type Retrieval = (typeof retrievals)[number];

/** `multikey@512`: share of the needles retrieved at a prompt length. */
export function atLength(retrieval: Retrieval, length: number): string {
  return `${retrieval}@${String(length)}`;
}

/** The lengths in names such as `multikey@512`, ascending. */
export function lengthsOf(retrieval: Retrieval, names: Iterable<string>): number[] {
  const lengths = new Set<number>();
  for (const name of names) if (name.startsWith(`${retrieval}@`)) lengths.add(Number(name.slice(retrieval.length + 1)));
  return [...lengths].sort((a, b) => a - b);
}

/** `multikey.beyond`: mean over the prompt lengths beyond W; `perplexity.inside`: over the positions below W. */
export const overall = {
  inside: (what: Retrieval | "perplexity") => `${what}.inside`,
  beyond: (what: Retrieval | "perplexity") => `${what}.beyond`,
};

/** Numbers of every model of an evaluation. */
export function measuresOf(results: Results): Record<string, Record<string, number>> {
  const models: Record<string, Record<string, number>> = {};
  const put = (model: string, name: string, value: number | null): void => {
    if (value !== null && Number.isFinite(value)) (models[model] ??= {})[name] = value;
  };
  const summaries: [Retrieval, Summary][] = [
    ["multikey", summarize(results)],
    ["single", summarize(onlySingle(results))],
  ];
  for (const [retrieval, summary] of summaries) {
    for (const { model, byLength, inside, beyond } of summary.needle) {
      for (const [length, { share }] of byLength) put(model, atLength(retrieval, length), share);
      put(model, overall.inside(retrieval), inside);
      put(model, overall.beyond(retrieval), beyond);
    }
  }
  for (const { model, inside, beyond } of summaries[0]?.[1].perplexity ?? []) {
    put(model, overall.inside("perplexity"), inside);
    put(model, overall.beyond("perplexity"), beyond);
  }
  return models;
}

/** The rows of needles without distractors, as if they were all there is. */
function onlySingle(results: Results): Results {
  return { ...results, rows: results.rows.flatMap((row) => (row.task === singleNeedle ? [{ ...row, task: "needle" }] : [])) };
}
