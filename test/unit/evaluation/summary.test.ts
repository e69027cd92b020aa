import { describe, expect, it } from "vitest";
import { wilson } from "../../../src/evaluation/intervals.js";
import { binByPosition } from "../../../src/evaluation/perplexity.js";
import { mended, summarize } from "../../../src/evaluation/summary.js";
import { headline, verdicts } from "../../../src/evaluation/verdict.js";
import { exampleResults } from "./exampleResults.js";

describe("wilson", () => {
  // 81 of 263 is the worked example of Newcombe (1998), Statistics in Medicine 17, table I.
  it.each([
    [5, 10, 0.23659, 0.76341],
    [0, 10, 0, 0.27753],
    [10, 10, 0.72247, 1],
    [81, 263, 0.25529, 0.36621],
  ])("%i of %i", (hits, trials, low, high) => {
    expect(wilson(hits, trials).low).toBeCloseTo(low, 4);
    expect(wilson(hits, trials).high).toBeCloseTo(high, 4);
  });

  it("knows nothing without trials", () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe("binByPosition", () => {
  it("bins by doubling, leaves out the first token, and stops with the document", () => {
    const logprob = new Float32Array(20).fill(-2);
    logprob[0] = Number.NaN;
    expect(binByPosition(logprob, 16, 64)).toEqual([
      { start: 0, end: 4, tokens: 3, sum: 6 },
      { start: 4, end: 8, tokens: 4, sum: 8 },
      { start: 8, end: 16, tokens: 8, sum: 16 },
      { start: 16, end: 32, tokens: 4, sum: 8 },
    ]);
  });
});

describe("summarize", () => {
  const summary = summarize(exampleResults());

  it("orders models and averages accuracy over lengths", () => {
    expect(summary.needle.map(({ model }) => model)).toEqual(["base", "rope", "merged", "<other> & co"]);
    const base = summary.needle[0]!;
    expect(base.inside).toBe(1);
    expect(base.beyond).toBe(0.125);
    expect(base.byLength.get(512)).toMatchObject({ hits: 1, trials: 4, share: 0.25 });
    expect(base.byDepth.get(512)?.get(1)).toMatchObject({ hits: 1, trials: 2 });
    expect(summary.lengths).toEqual([256, 512, 1_024]);
    expect(summary.depths).toEqual([0, 1]);
  });

  it("pools perplexity by tokens", () => {
    const base = summary.perplexity[0]!;
    // Documents of 100 and 300 tokens with 1 and 2 nats.
    expect(base.byBin.get(256)?.perplexity).toBeCloseTo(Math.exp(1.75), 10);
    expect(base.inside).toBeCloseTo(Math.exp(1.75), 10);
    expect(base.beyond).toBeCloseTo(Math.exp(5), 10);
  });

  it("says what was mended, and nothing where the base does not fail", () => {
    expect(mended(summary, "merged")).toBe(1);
    expect(mended(summary, "merged", 0)).toBe(1);
    const fine = summarize({ ...exampleResults(), window: 2_048 });
    expect(mended(fine, "merged")).toBeNull();
  });

  it("speaks in sentences", () => {
    expect(headline(summary)).toBe("merged 100 % of needles beyond W, base 13 %");
    expect(verdicts(summary)).toContain(
      "merged retrieves 100 % of the needles inside the window, 100 % beyond it and 100 % where the base fails (at most 40 %).",
    );
    expect(verdicts(summary).find((line) => line.startsWith("Perplexity of merged"))).toMatch(/below the base/u);
    const empty = summarize({ ...exampleResults(), rows: [] });
    expect(headline(empty)).toBe("nothing to evaluate");
    expect(verdicts(empty)).toEqual([]);
  });
});
