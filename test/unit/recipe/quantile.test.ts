import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topThreshold } from "../../../src/recipe/quantile.js";

async function* chunks(values: Float32Array, size: number): AsyncGenerator<Float32Array> {
  for (let at = 0; at < values.length; at += size) yield await Promise.resolve(values.subarray(at, at + size));
}

const scores = fc.float32Array({ minLength: 1, maxLength: 400, noNaN: false, noDefaultInfinity: false });

describe("topThreshold", () => {
  it("equals the element that sorting finds", async () => {
    await fc.assert(
      fc.asyncProperty(
        scores,
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 64 }),
        async (values, fraction, size) => {
          const sorted = [...values].filter((value) => !Number.isNaN(value)).sort((a, b) => b - a);
          const found = await topThreshold(() => chunks(values, size), fraction);
          expect(found.scored).toBe(sorted.length);
          if (sorted.length === 0) {
            expect(found).toEqual({ value: Infinity, scored: 0, reached: 0 });
            return;
          }
          const wanted = Math.max(1, Math.round(fraction * sorted.length));
          // -0 and 0 are one score.
          expect(found.value + 0).toBe(sorted[wanted - 1]! + 0);
          expect(found.reached).toBe(sorted.filter((value) => value >= found.value).length);
          expect(found.reached).toBeGreaterThanOrEqual(wanted);
        },
      ),
    );
  });
});
