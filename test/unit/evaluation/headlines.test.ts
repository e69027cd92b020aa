import { describe, expect, it } from "vitest";
import { headlines } from "../../../src/evaluation/headlines.js";
import type { ResultRow, Results } from "../../../src/protocol/results.js";

const row = (task: string, length: number, score: number, model = "merged"): ResultRow => ({
  ...{ model, task, length, depth: null, trial: 0, promptHash: "p", answer: "", expected: "", score },
});

describe("numbers of the history", () => {
  const results: Results = {
    version: 1,
    run: "r",
    window: 512,
    targetLength: 1024,
    rows: [
      ...[row("ruler/vt", 512, 1), row("ruler/vt", 512, 0), row("ruler/cwe", 512, 1), row("ruler/cwe", 1024, 0.5)],
      ...[
        row("longbench/trec", 1024, 1),
        row("loogle/longdep_qa", 512, 0.4),
        row("ruler/vt", 512, 0, "base"),
        row("contrast/gaining", 512, 1),
      ],
    ],
    abilities: [0, 1, 1].map((score, document) => ({ model: "merged", task: "mmlu_law", group: "mmlu", metric: "acc", document, score })),
    missing: [{ model: null, task: "longbench/musique", length: null, count: 200, reason: "not there" }],
  };

  it("are means over tasks and lengths, of what is whole", () => {
    expect(headlines(results, "merged")).toEqual([
      { name: "RULER", score: expect.closeTo(2 / 3, 12) as number },
      { name: "LooGLE", score: 0.4 },
      { name: "mmlu (acc)", score: expect.closeTo(2 / 3, 12) as number },
    ]);
  });
});
