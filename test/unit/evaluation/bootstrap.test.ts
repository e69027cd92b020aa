import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holm, pairedBootstrap, signFlipProbability } from "../../../src/evaluation/bootstrap.js";

const differences = [0.5, -0.1, 0.3, 0.9, 0, 0.2, -0.4, 0.7, 0.1, 0.6, 1, -0.2];

describe("the paired bootstrap", () => {
  it("agrees with scipy.stats.bootstrap (BCa, 200,000 resamples)", () => {
    const first = pairedBootstrap(differences, 100_000);
    expect(first.value).toBeCloseTo(0.3, 12);
    expect(first.low).toBeCloseTo(0.0667, 2);
    expect(first.high).toBeCloseTo(0.5417, 2);
    const skewed = pairedBootstrap([...Array<number>(15).fill(0), 1, 1, 1, 0.5, 0.5], 100_000);
    expect(skewed.low).toBeCloseTo(0.075, 1);
    expect(skewed.high).toBeCloseTo(0.4, 1);
  });

  it("tells the same every time, holds the mean, and turns round with the models", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 30 }), (values) => {
        const found = pairedBootstrap(values, 500);
        expect(pairedBootstrap(values, 500)).toEqual(found);
        expect(found.low).toBeLessThanOrEqual(found.value);
        expect(found.high).toBeGreaterThanOrEqual(found.value);
        expect(found.low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(found.high).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
        const turned = pairedBootstrap(
          values.map((value) => -value),
          500,
        );
        expect(turned.value).toBeCloseTo(-found.value, 9);
      }),
      { numRuns: 60 },
    );
  });

  it("covers the true mean about as often as it says", () => {
    // Scores that are 0, half and 1, as of a task with several values to name.
    let covered = 0;
    let state = 12345;
    const next = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
    for (let run = 0; run < 200; run++) {
      const values = Array.from({ length: 25 }, () => (next() < 0.3 ? 0 : next() < 0.5 ? 0.5 : 1));
      const { low, high } = pairedBootstrap(values, 500);
      if (low <= 0.525 && high >= 0.525) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.88);
    expect(covered / 200).toBeLessThanOrEqual(1);
  });
});

describe("probabilities of changes", () => {
  it("are those of scipy.stats.permutation_test, all ways counted", () => {
    expect(signFlipProbability(differences)).toBeCloseTo(0.048828125, 10);
  });

  it("are McNemar's for right and wrong answers", () => {
    // 12 to 2: the two-sided binomial test gives 0.01294.
    expect(signFlipProbability([...Array<number>(12).fill(1), -1, -1, 0, 0, 0])).toBeCloseTo(0.012939453125, 10);
  });

  it("by lot agree with those that are counted", () => {
    const twice = [...differences, ...differences.map((value) => value / 2)];
    expect(signFlipProbability(twice)).toBeLessThan(0.02);
    expect(signFlipProbability(twice)).toBeGreaterThan(0.0005);
    expect(signFlipProbability([0, 0])).toBe(1);
  });

  it("of several are held to Holm's levels", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([true, false, false, true]);
    expect(holm([])).toEqual([]);
  });
});
