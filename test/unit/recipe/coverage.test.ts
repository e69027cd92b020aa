import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distanceCoverageSchema } from "../../../src/protocol/coverage.js";
import { CoverageCounter, distanceEdges } from "../../../src/recipe/coverage.js";
import { drawPositions } from "../../../src/recipe/positions.js";
import { Random } from "../../../src/recipe/random.js";

/** Strictly increasing positions below `targetLength`. */
const samples = fc.integer({ min: 2, max: 120 }).chain((targetLength) =>
  fc.record({
    targetLength: fc.constant(targetLength),
    sets: fc.array(fc.uniqueArray(fc.nat(targetLength - 1), { minLength: 1, maxLength: targetLength }), { minLength: 1, maxLength: 4 }),
    bins: fc.integer({ min: 1, max: 150 }),
  }),
);

describe("CoverageCounter", () => {
  it("equals counting every pair", () => {
    fc.assert(
      fc.property(samples, ({ targetLength, sets, bins }) => {
        const edges = distanceEdges(targetLength, bins);
        const counter = new CoverageCounter(targetLength, edges);
        const expected = new Float64Array(edges.length - 1);
        for (const set of sets) {
          const positions = Int32Array.from(set).sort();
          counter.add(positions);
          positions.forEach((later, j) => {
            for (const earlier of positions.subarray(0, j)) expected[edges.findIndex((edge) => edge > later - earlier) - 1]!++;
          });
        }
        expect(counter.pairs()).toEqual(expected);
        const result = distanceCoverageSchema.parse(counter.result("longrecipe", "samples"));
        expect(result.pairs).toBe(sets.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0));
        expect(result.uniform.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
        expect(result.totalVariation).toBeGreaterThanOrEqual(0);
        expect(result.totalVariation).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("has bins that tile [1, T)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200_000 }), fc.integer({ min: 1, max: 300 }), (targetLength, bins) => {
        const edges = distanceEdges(targetLength, bins);
        expect(edges[0]).toBe(1);
        expect(edges.at(-1)).toBe(targetLength);
        edges.forEach((edge, at) => at > 0 && expect(edge).toBeGreaterThan(edges[at - 1]!));
      }),
    );
  });

  it("shows that skips reach distances that plain positions of the same length do not", () => {
    const sentences = Int32Array.from({ length: 30 }, (_, at) => at * 10);
    const coverage = (strategy: "longrecipe" | "full") => {
      const random = new Random(1, "coverage");
      const counter = new CoverageCounter(1_000);
      for (let draw = 0; draw < 50; draw++) {
        counter.add(
          drawPositions(300, sentences, { strategy, targetLength: 1_000, segmentSentences: 1, skips: "uniform" }, random).positions,
        );
      }
      return counter.result(strategy, "samples");
    };
    expect(coverage("longrecipe").emptyBins).toBe(0);
    expect(coverage("full").emptyBins).toBeGreaterThan(40);
    expect(coverage("longrecipe").totalVariation).toBeLessThan(coverage("full").totalVariation);
  });
});
