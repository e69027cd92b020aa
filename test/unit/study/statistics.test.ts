import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimate, tProbability, tQuantile } from "../../../src/study/statistics.js";

describe("Student's t", () => {
  // Tables of any textbook: 97.5 % points.
  it.each([
    [1, 12.706205],
    [2, 4.302653],
    [3, 3.182446],
    [4, 2.776445],
    [9, 2.262157],
    [30, 2.042272],
    [200, 1.971896],
  ])("has its 97.5 %% point for %i degrees of freedom at %f", (degrees, expected) => {
    expect(tQuantile(0.975, degrees)).toBeCloseTo(expected, 5);
  });

  it("is symmetric and rises", () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), fc.integer({ min: 1, max: 60 }), (t, degrees) => {
        expect(tProbability(t, degrees) + tProbability(-t, degrees)).toBeCloseTo(1, 12);
        expect(tProbability(t + 0.1, degrees)).toBeGreaterThan(tProbability(t, degrees) - 1e-12);
      }),
    );
  });
});

describe("estimates over seeds", () => {
  it("gives mean and t interval", () => {
    const { mean, low, high } = estimate([1, 2, 3]);
    expect(mean).toBe(2);
    expect(high! - 2).toBeCloseTo(4.302653 / Math.sqrt(3), 5);
    expect(low).toBeCloseTo(4 - high!, 12);
  });

  it("claims no interval for one seed, and none wider than nothing for equal ones", () => {
    expect(estimate([0.5])).toMatchObject({ mean: 0.5, low: null, high: null });
    expect(estimate([0.5, 0.5, 0.5])).toMatchObject({ low: 0.5, high: 0.5 });
  });
});
