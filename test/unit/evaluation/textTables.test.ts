import { expect, it } from "vitest";
import { textTables } from "../../../src/evaluation/textTables.js";
import type { ResultRow, Results } from "../../../src/protocol/results.js";

function row(model: string, task: string, length: number, score: number, trial = 0): ResultRow {
  return { model, task, length, depth: null, trial, promptHash: `${task}${length}${trial}`, answer: "", expected: "", score };
}

const results: Results = {
  version: 1,
  run: "r",
  window: 256,
  targetLength: 1_024,
  rows: [
    row("base", "needle", 256, 1),
    row("base", "needle", 1_024, 0),
    row("base", "needle", 1_024, 1, 1),
    row("gpt", "needle", 1_024, 1),
    ...["ruler/vt", "ruler/cwe"].flatMap((task) => [row("base", task, 256, 1), row("base", task, 512, 0.5)]),
    row("base", "longbench/qasper", 4_000, 0.25),
    row("gpt", "longbench/qasper", 4_000, 0.75),
    { ...row("base", "perplexity", 256, Math.log(12)), tokens: 255 },
  ],
  abilities: [
    { model: "base", task: "mmlu_anatomy", group: "mmlu", metric: "acc", document: 0, score: 1 },
    { model: "base", task: "mmlu_law", group: "mmlu", metric: "acc", document: 0, score: 0 },
  ],
  missing: [{ model: "gpt", task: "needle", length: 1_024, count: 1, reason: "The server gave no answer to prompt 3." }],
};

it("has a table for each benchmark, marks what is not whole, and says what is missing", () => {
  expect(textTables(results, 0.856)).toBe(
    `needle, found in % by length
  model    256   1,024
  base   100.0    50.0
  gpt           100.0*

RULER, mean of 2 tasks in % by length; effective length at 85.6 %
  model    256   512  effective
  base   100.0  50.0        256

Long documents, score in %
  data set          base   gpt
  longbench/qasper  25.0  75.0

General ability, mean over questions in %
  task and metric  base
  mmlu acc         50.0

Perplexity
  model  inside 256  beyond
  base        12.00

Missing (* marks what is not whole):
  gpt, needle, 1,024 tokens: 1. The server gave no answer to prompt 3.`,
  );
});

it("marks a mean over tasks one of which is missing at that length", () => {
  const missing = [{ model: null, task: "ruler/fwe", length: 512, count: 25, reason: "Too short." }];
  expect(textTables({ ...results, missing }, 0.856)).toMatch(/base {3}100\.0 {2}50\.0\* {8}256/u);
});
