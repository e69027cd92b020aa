import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareModels } from "../../../src/evaluation/compare.js";
import { logRatioInterval, pairedDifference } from "../../../src/evaluation/paired.js";
import type { ResultRow, Results } from "../../../src/protocol/results.js";
import { exampleResults } from "./exampleResults.js";

/** Perplexities of one model by document, all inside W, 1,000 tokens each. */
function documents(model: string, scores: readonly number[]): ResultRow[] {
  return scores.map((score, trial) => ({
    model,
    task: "perplexity",
    length: 256,
    depth: null,
    trial,
    promptHash: `document ${String(trial)}`,
    answer: null,
    expected: null,
    score,
    tokens: 1000,
  }));
}

function results(rows: readonly ResultRow[]): Results {
  return { version: 1, run: "r", window: 256, targetLength: 1024, rows: [...rows] };
}

describe("paired intervals", () => {
  it("are those of the literature", () => {
    // Newcombe 1998, table II: 36 both, 12 first alone, 2 second alone, 0 neither.
    const pairs = [
      ...Array<[boolean, boolean]>(36).fill([true, true]),
      ...Array<[boolean, boolean]>(12).fill([true, false]),
      ...Array<[boolean, boolean]>(2).fill([false, true]),
    ];
    const { value, low, high } = pairedDifference(pairs);
    expect(value).toBeCloseTo(0.2, 10);
    expect(low).toBeCloseTo(0.0569, 3);
    expect(high).toBeCloseTo(0.3404, 3);
  });

  it("hold the difference, stay in range, and turn round with the models", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 60 }), (pairs) => {
        const { value, low, high } = pairedDifference(pairs);
        const turned = pairedDifference(pairs.map(([a, b]): [boolean, boolean] => [b, a]));
        expect(low).toBeLessThanOrEqual(value + 1e-12);
        expect(high).toBeGreaterThanOrEqual(value - 1e-12);
        expect(low).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(high).toBeLessThanOrEqual(1 + 1e-12);
        expect(turned.low).toBeCloseTo(-high, 9);
      }),
    );
  });

  it("by documents: mean ± t · s / √n where weights are equal", () => {
    const pairs = [0.1, 0.2, 0.3].map((difference) => ({ difference, weight: 5 }));
    const { value, low } = logRatioInterval(pairs);
    expect(value).toBeCloseTo(0.2, 10);
    expect(low).toBeCloseTo(0.2 - (4.30265 * 0.1) / Math.sqrt(3), 4);
  });
});

describe("general ability against the base", () => {
  const base = documents("base", [2, 2.5, 3, 3.5]);

  it("is flagged when it is surely worse, on the same documents", () => {
    // A small loss that is the same everywhere is sure, however different the documents are.
    const worse = compareModels(results([...base, ...documents("merged", [2.03, 2.53, 3.03, 3.531])]));
    const [change] = worse.changes;
    expect(change).toMatchObject({ model: "merged", ability: "perplexity", verdict: "worse", pairs: 4 });
    expect(change?.change.value).toBeCloseTo(Math.exp(0.03025), 6);
  });

  it("is not flagged when the documents disagree", () => {
    const mixed = compareModels(results([...base, ...documents("merged", [2.1, 2.4, 3.1, 3.45])]));
    expect(mixed.changes[0]).toMatchObject({ verdict: "same" });
  });

  it("says nothing of one document, nor of documents that the base did not read", () => {
    expect(compareModels(results([...documents("base", [2]), ...documents("merged", [3])])).changes).toEqual([]);
    const others = documents("merged", [3, 3, 3]).map((row) => ({ ...row, promptHash: `${row.promptHash} of another run` }));
    expect(compareModels(results([...base, ...others])).changes).toEqual([]);
  });

  it("looks at needles inside the window alone", () => {
    const needles = (model: string, hits: (trial: number) => boolean): ResultRow[] =>
      Array.from({ length: 24 }, (_, trial) => ({
        model,
        task: "needle",
        length: trial < 16 ? 256 : 1024,
        depth: 0.5,
        trial,
        promptHash: `prompt ${String(trial)}`,
        answer: null,
        expected: null,
        score: hits(trial) ? 1 : 0,
      }));
    const { changes } = compareModels(
      results([...needles("base", (trial) => trial < 16), ...needles("merged", (trial) => trial % 2 === 0)]),
    );
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ ability: "needle", pairs: 16, verdict: "worse" });
    expect(changes[0]?.change.value).toBe(-0.5);
  });
});

describe("scores by benchmark and length", () => {
  it("have every model in the order of the method, with intervals around the values", () => {
    const { benchmarks } = compareModels(exampleResults());
    expect(benchmarks.map(({ task }) => task)).toEqual(["needle", "perplexity"]);
    expect(benchmarks[0]?.models.slice(0, 3)).toEqual(["base", "rope", "merged"]);
    for (const { cells } of benchmarks) {
      for (const cell of cells.flat()) {
        if (cell === null) continue;
        expect(cell.low).toBeLessThanOrEqual(cell.value);
        expect(cell.high).toBeGreaterThanOrEqual(cell.value);
      }
    }
  });
});
