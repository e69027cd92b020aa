import { describe, expect, it } from "vitest";
import { summarizeRuler } from "../../../../src/evaluation/ruler/effectiveLength.js";

function rows(model: string, task: string, scores: Readonly<Record<number, readonly number[]>>) {
  return Object.entries(scores).flatMap(([length, own]) => own.map((score) => ({ model, task, length: Number(length), score })));
}

/** GPT-4-1106-preview in the published table: 96.6, 96.3, 95.2, 93.2, 87.0, 81.2; effective 64k, averages 91.6, 89.0, 94.1. */
const published = [0.966, 0.963, 0.952, 0.932, 0.87, 0.812];
const lengths = [4096, 8192, 16_384, 32_768, 65_536, 131_072];

describe("effective length", () => {
  it("is that of the published table, and so are the averages", () => {
    const all = lengths.flatMap((length, at) => rows("gpt", "ruler/vt", { [length]: [published[at] ?? 0] }));
    const [summary] = summarizeRuler(all, 0.856);
    expect(summary?.effective).toBe(65_536);
    expect(summary?.atLeast).toBe(false);
    expect(summary?.averages?.even).toBeCloseTo(0.916, 3);
    expect(summary?.averages?.rising).toBeCloseTo(0.89, 3);
    expect(summary?.averages?.falling).toBeCloseTo(0.941, 3);
  });

  it("is the mean over tasks, not over prompts", () => {
    const all = [...rows("m", "ruler/vt", { 4096: [1, 1, 1, 1, 1, 1] }), ...rows("m", "ruler/cwe", { 4096: [0.5] })];
    expect(summarizeRuler(all, 0.8)[0]?.lengths[0]?.mean).toBe(0.75);
    expect(summarizeRuler(all, 0.8)[0]?.effective).toBeNull();
    expect(summarizeRuler(all, 0.75)[0]).toMatchObject({ effective: 4096, atLeast: true });
  });

  it("does not take a part of the tasks for the whole", () => {
    const all = [...rows("m", "ruler/vt", { 4096: [1], 8192: [1] }), ...rows("m", "ruler/cwe", { 4096: [1] })];
    const [summary] = summarizeRuler(all, 0.856);
    expect(summary?.lengths.map(({ whole }) => whole)).toEqual([true, false]);
    expect(summary).toMatchObject({ effective: 4096, atLeast: false });
  });

  it("tells models apart and knows its own tasks", () => {
    const all = [...rows("a", "ruler/vt", { 4096: [1] }), ...rows("b", "ruler/vt", { 4096: [0] }), ...rows("c", "needle", { 4096: [1] })];
    expect(summarizeRuler(all, 0.856).map(({ model, effective }) => [model, effective])).toEqual([
      ["a", 4096],
      ["b", null],
    ]);
  });
});
