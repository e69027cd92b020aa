import { describe, expect, it } from "vitest";
import type { ResultRow } from "../../../src/protocol/results.js";
import { abilityScores, meanScores } from "../../../src/tools/evaluationResults.js";

const row = (over: Partial<ResultRow>): ResultRow => ({
  model: "base",
  task: "needle",
  length: 128,
  depth: 0.5,
  trial: 0,
  promptHash: "p",
  answer: null,
  expected: null,
  score: 1,
  ...over,
});

describe("results for agents", () => {
  it("has general ability by task and metric", () => {
    const document = { model: "base", task: "gsm8k", metric: "exact_match" };
    expect(abilityScores([0, 1, 1, 1].map((score, place) => ({ ...document, document: place, score })))).toEqual([
      { ...document, score: 0.75, count: 4 },
    ]);
  });

  it("gathers prompts by mean, and perplexity by the tokens of its bins", () => {
    expect(
      meanScores([
        row({}),
        row({ score: 0 }),
        row({ model: "merged" }),
        row({ task: "perplexity", score: Math.log(8), tokens: 1 }),
        row({ task: "perplexity", score: Math.log(2), tokens: 2 }),
      ]),
    ).toEqual([
      { model: "base", task: "needle", measure: "share", length: 128, score: 0.5, count: 2 },
      { model: "merged", task: "needle", measure: "share", length: 128, score: 1, count: 1 },
      { model: "base", task: "perplexity", measure: "perplexity", length: 128, score: expect.closeTo(Math.cbrt(32)) as number, count: 3 },
    ]);
  });
});
