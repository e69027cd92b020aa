import { describe, expect, it } from "vitest";
import { compareModels } from "../../../src/evaluation/compare.js";
import { meanScore, measureOf } from "../../../src/evaluation/measures.js";
import type { ResultRow } from "../../../src/protocol/results.js";

function row(task: string, score: number, tokens?: number): ResultRow {
  const rest = { length: 512, depth: null, promptHash: "h", answer: null, expected: null };
  return { model: "base", task, trial: 0, score, ...rest, ...(tokens === undefined ? {} : { tokens }) };
}

describe("how a task is measured", () => {
  it("takes new tasks neither for shares of right answers nor for perplexities", () => {
    expect(measureOf("needle")).toBe("share");
    expect(measureOf("needle-multi")).toBe("score");
    expect(measureOf("ruler/vt")).toBe("score");
    expect(measureOf("longbench/gov_report")).toBe("score");
    expect(measureOf("loss-by-distance")).toBe("nats");
    expect(measureOf("contrast")).toBe("nats");
    expect(measureOf("perplexity")).toBe("perplexity");
  });

  it("decides what a mean is told as", () => {
    const rows = [row("ruler/vt", 0.4), row("ruler/vt", 0.8), row("contrast", -0.2, 100), row("contrast", 0.4, 300)];
    const values = compareModels({ version: 1, run: "r", window: 512, targetLength: 512, rows }).benchmarks.map(
      ({ task, measure, cells }) => [task, measure, cells[0]?.[0]?.value],
    );
    expect(values).toEqual([
      ["ruler/vt", "score", expect.closeTo(0.6, 12)],
      ["contrast", "nats", expect.closeTo(0.25, 12)],
    ]);
  });

  it("weights by tokens where there are some", () => {
    expect(meanScore([row("contrast", 1, 1), row("contrast", 2, 3)])).toBe(1.75);
    expect(meanScore([row("needle", 1), row("needle", 0)])).toBe(0.5);
    expect(meanScore([])).toBeNull();
  });
});
