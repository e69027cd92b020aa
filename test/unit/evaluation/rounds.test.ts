import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { halfWidth, nextRound, roundCells } from "../../../src/evaluation/rounds.js";
import { Random } from "../../../src/recipe/random.js";

const settings = { halfWidth: 0.1, atLeast: 8 };

/** Asks rounds of prompts that models answer with these probabilities; returns what was asked. */
function simulate(
  cells: readonly number[][],
  shares: readonly number[],
  seed: number,
): { asked: Set<number>; scores: Map<number, number>[] } {
  const random = new Random(seed);
  const asked = new Set<number>();
  const scores = shares.map(() => new Map<number, number>());
  for (;;) {
    const next = nextRound(cells, asked, scores, settings);
    if (next.length === 0) return { asked, scores };
    for (const prompt of next) {
      expect(asked.has(prompt)).toBe(false);
      asked.add(prompt);
      shares.forEach((share, model) => scores[model]!.set(prompt, random.unit() < share ? 1 : 0));
    }
  }
}

describe("asking in rounds", () => {
  it("ends with every interval narrow enough or every prompt asked, and never asks fewer than `atLeast`", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 3 }),
        share,
        share,
        fc.nat(),
        (sizes, a, b, seed) => {
          let next = 0;
          const cells = sizes.map((size) => Array.from({ length: size }, () => next++));
          const { asked, scores } = simulate(cells, [a, b], seed);
          for (const cell of cells) {
            const done = cell.filter((prompt) => asked.has(prompt));
            expect(done).toEqual(cell.slice(0, done.length));
            expect(done.length).toBeGreaterThanOrEqual(Math.min(settings.atLeast, cell.length));
            if (done.length === cell.length) continue;
            for (const byPrompt of scores) {
              const sum = done.reduce((total, prompt) => total + byPrompt.get(prompt)!, 0);
              expect(halfWidth(sum, done.length)).toBeLessThanOrEqual(settings.halfWidth);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("asks a tenth of 200 prompts where a model answers all or nothing, and about half where it is undecided", () => {
    const cells = [Array.from({ length: 200 }, (_, prompt) => prompt)];
    expect(simulate(cells, [1, 0], 1).asked.size).toBeLessThanOrEqual(20);
    const undecided = simulate(cells, [0.5], 1).asked.size;
    expect(undecided).toBeGreaterThan(80);
    expect(undecided).toBeLessThan(130);
  });

  it("covers the true share as often as an interval of 95 % should, nearly: looking several times costs a little", () => {
    const cells = [Array.from({ length: 400 }, (_, prompt) => prompt)];
    const share = 0.7;
    let inside = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { asked, scores } = simulate(cells, [share], seed);
      const mean = [...scores[0]!.values()].reduce((sum, score) => sum + score, 0) / asked.size;
      if (Math.abs(mean - share) <= settings.halfWidth) inside++;
    }
    expect(inside / 300).toBeGreaterThan(0.91);
  });

  it("goes on without a model that answers nothing", () => {
    const cells = [Array.from({ length: 40 }, (_, prompt) => prompt)];
    const asked = new Set(cells[0]!.slice(0, 20));
    const known = new Map([...asked].map((prompt) => [prompt, 1]));
    expect(nextRound(cells, asked, [known, new Map()], settings)).toEqual([]);
  });

  it("orders each task and length by trial", () => {
    const prompts = [0, 1].flatMap((depth) => [0, 1].map((trial) => ({ task: "needle", length: 64, trial, depth })));
    expect(roundCells([...prompts, { task: "ruler/vt", length: 64, trial: 0 }])).toEqual([[0, 2, 1, 3], [4]]);
  });
});
