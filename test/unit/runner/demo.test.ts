import { describe, expect, it } from "vitest";
import { demoTables, unkeptPromises } from "../../../scripts/demoTables.js";
import { summarize } from "../../../src/evaluation/summary.js";
import type { ResultRow } from "../../../src/protocol/results.js";

const lengths = [64, 128, 256, 512];

/** Needle accuracy by length (of ten trials) and perplexity inside W, by model. */
function summary(models: Readonly<Record<string, { needle: readonly number[]; perplexity: number }>>) {
  const rows = Object.entries(models).flatMap(([model, { needle, perplexity }]): ResultRow[] => {
    const common = { model, depth: 0.5, promptHash: "", answer: null, expected: null };
    return [
      ...needle.flatMap((share, place) =>
        Array.from({ length: 10 }, (_, trial) => ({
          ...common,
          task: "needle",
          length: lengths[place] ?? 0,
          trial,
          score: trial < 10 * share ? 1 : 0,
        })),
      ),
      { ...common, task: "perplexity", length: 128, trial: 0, score: Math.log(perplexity), tokens: 100 },
    ];
  });
  return summarize({ version: 1, run: "r", window: 128, targetLength: 512, rows });
}

const kept = {
  base: { needle: [1, 0.9, 0.4, 0.1], perplexity: 10 },
  rope: { needle: [1, 0.8, 0.5, 0.3], perplexity: 11 },
  merged: { needle: [1, 1, 0.8, 0.9], perplexity: 10.2 },
};

describe("demo", () => {
  it("shows every model by length, with the window marked", () => {
    const text = demoTables(summary(kept));
    expect(text).toContain("128=W");
    expect(text).toMatch(/rope only +100 % +80 % +50 % +30 %/);
    expect(text).toMatch(/merged +10\.20/);
  });

  it("finds every promise that is not kept", () => {
    expect(unkeptPromises(summary(kept))).toEqual([]);
    const cases = [
      { ...kept, base: { needle: [0.9, 0.8, 0.2, 0.1], perplexity: 10 } },
      { ...kept, base: { needle: [1, 1, 0.4, 0.3], perplexity: 10 } },
      { ...kept, merged: { needle: [1, 1, 0.7, 0.8], perplexity: 10 } },
      { ...kept, merged: { needle: [1, 1, 1, 1], perplexity: 10.4 } },
      { base: kept.base, merged: kept.merged },
    ];
    for (const models of cases) expect(unkeptPromises(summary(models))).toHaveLength(1);
    expect(unkeptPromises(summary({ base: { needle: [1, 1, 1, 1], perplexity: 10 } }))).toHaveLength(4);
  });
});
