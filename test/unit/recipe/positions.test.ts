import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawPositions, drawSequentialSkips, drawSkips, evenSkips, type PositionStrategy } from "../../../src/recipe/positions.js";
import { Random } from "../../../src/recipe/random.js";

const strategies: PositionStrategy[] = ["longrecipe", "pose", "randomized", "full"];

const skipChoices = fc.constantFrom("uniform", "sequential", "even" as const);

/** A sample: its length, the first tokens of its sentences, and a target length that holds it. */
const samples = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }),
    spare: fc.integer({ min: 0, max: 5_000 }),
  })
  .map(({ lengths, spare }) => {
    const sentences: number[] = [];
    let length = 0;
    for (const size of lengths) {
      sentences.push(length);
      length += size;
    }
    return { length, sentences: Int32Array.from(sentences), targetLength: length + spare };
  });

describe("drawPositions", () => {
  it.each(strategies)("%s: positions begin at 0, rise strictly, stay below T, and are consecutive inside segments", (strategy) => {
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 4 }),
        skipChoices,
        fc.nat(),
        ({ length, sentences, targetLength }, segmentSentences, skips, seed) => {
          const drawn = drawPositions(length, sentences, { strategy, targetLength, segmentSentences, skips }, new Random(seed, "test"));
          expect(drawn.positions.length).toBe(length);
          expect(drawn.positions[0]).toBe(0);
          expect(drawn.positions[length - 1]).toBeLessThan(targetLength);
          expect(drawn.segments[0]).toBe(0);
          const starts = new Set(drawn.segments);
          expect(starts.size).toBe(drawn.segments.length);
          for (let token = 1; token < length; token++) {
            const step = drawn.positions[token]! - drawn.positions[token - 1]!;
            expect(step).toBeGreaterThanOrEqual(1);
            if (!starts.has(token)) expect(step).toBe(1);
          }
        },
      ),
    );
  });

  it("longrecipe cuts at sentence borders only, in segments of at most the chosen number of sentences after the first part", () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 4 }), fc.nat(), ({ length, sentences, targetLength }, segmentSentences, seed) => {
        const options = { strategy: "longrecipe", targetLength, segmentSentences, skips: "uniform" } as const;
        const { segments } = drawPositions(length, sentences, options, new Random(seed, "test"));
        const places = Array.from(segments, (start) => sentences.indexOf(start));
        expect(places).not.toContain(-1);
        for (let at = 2; at < places.length; at++) expect(places[at]! - places[at - 1]!).toBeLessThanOrEqual(segmentSentences);
        // The plain first part ends with the sentence that holds token r - 1, r <= (L + 1) / 2.
        if (segments.length > 1) expect(sentences[places[1]! - 1]).toBeLessThan((length + 1) / 2);
      }),
    );
  });

  it("longrecipe gives the first part every length there is", () => {
    const sentences = Int32Array.from({ length: 20 }, (_, token) => token);
    const options = { strategy: "longrecipe", targetLength: 100, segmentSentences: 1, skips: "uniform" } as const;
    const random = new Random(3, "first part");
    const counts = new Map<number, number>();
    for (let draw = 0; draw < 10_000; draw++) {
      const first = drawPositions(20, sentences, options, random).segments[1]!;
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    // r is uniform in [1, 10]: 9 degrees of freedom, 99.9 % point 27.9.
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(chiSquared([...counts.values()], 10_000 / 10)).toBeLessThan(27.9);
  });

  it("full gives plain positions", () => {
    const options = { strategy: "full", targetLength: 8, segmentSentences: 1, skips: "uniform" } as const;
    expect(drawPositions(5, Int32Array.of(0, 3), options, new Random(1)).positions).toEqual(Int32Array.of(0, 1, 2, 3, 4));
  });

  it("pose makes two chunks", () => {
    const options = { strategy: "pose", targetLength: 1_000, segmentSentences: 1, skips: "uniform" } as const;
    const { positions, segments } = drawPositions(10, Int32Array.of(0, 3), options, new Random(1));
    expect(segments.length).toBe(2);
    expect([...positions].filter((position, token) => token > 0 && position !== positions[token - 1]! + 1).length).toBeLessThanOrEqual(1);
  });

  it("refuses samples that do not fit", () => {
    const options = { strategy: "longrecipe", targetLength: 4, segmentSentences: 1, skips: "uniform" } as const;
    expect(() => drawPositions(5, Int32Array.of(0), options, new Random(1))).toThrow(RangeError);
    expect(() => drawPositions(0, Int32Array.of(), options, new Random(1))).toThrow(RangeError);
  });
});

describe("drawSkips", () => {
  it("makes every placement equally likely (chi-squared, fixed seed)", () => {
    // 3 gaps with a sum of at most 5: C(8, 3) = 56 placements.
    const draws = 56_000;
    const random = new Random(7, "placements");
    const counts = new Map<string, number>();
    for (let draw = 0; draw < draws; draw++) {
      const key = drawSkips(3, 5, random).join(" ");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(56);
    // 55 degrees of freedom: 99.9 % point 93.2.
    expect(chiSquared([...counts.values()], draws / 56)).toBeLessThan(93.2);
  });

  it("reaches both ends of the budget", () => {
    const random = new Random(1, "ends");
    const last = new Set(Array.from({ length: 2_000 }, () => drawSkips(1, 6, random)[1]));
    expect([...last].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe("other distributions of skips", () => {
  it("stay within the budget, ascending from 0", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(1_000), fc.nat(), (gaps, budget, seed) => {
        for (const totals of [drawSequentialSkips(gaps, budget, new Random(seed)), evenSkips(gaps, budget)]) {
          expect(totals.length).toBe(gaps + 1);
          expect(totals[0]).toBe(0);
          totals.forEach((total, gap) => gap > 0 && expect(total).toBeGreaterThanOrEqual(totals[gap - 1]!));
          expect(totals.at(-1)).toBeLessThanOrEqual(budget);
        }
      }),
    );
  });

  it("even skips differ by one at most and use the whole budget", () => {
    const totals = evenSkips(7, 100);
    expect(totals.at(-1)).toBe(100);
    const skips = [...totals].slice(1).map((total, gap) => total - totals[gap]!);
    expect(Math.max(...skips) - Math.min(...skips)).toBeLessThanOrEqual(1);
  });
});

function chiSquared(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
