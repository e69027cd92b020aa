import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lossWeights } from "../../../src/recipe/lossWeights.js";

const settings = fc
  .record({
    low: fc.double({ min: 0, max: 3, noNaN: true }),
    rise: fc.double({ min: 0.1, max: 4, noNaN: true }),
    sharpness: fc.double({ min: 0.2, max: 8, noNaN: true }),
  })
  .map(({ low, rise, sharpness }) => ({ low, high: low + rise, sharpness }));
const score = fc.oneof(fc.constant(Number.NaN), fc.float({ min: -50, max: 50, noNaN: true }), fc.constantFrom(0, 1, 2).map(Math.fround));
const scores = fc.array(score, { minLength: 1, maxLength: 200 }).map((values) => Float32Array.from(values));

describe("lossWeights", () => {
  it("has a mean of 1 over the predicted tokens, and leaves 1 where there is no score", () => {
    fc.assert(
      fc.property(scores, settings, (sample, choice) => {
        const weights = lossWeights(sample, choice);
        expect(weights.length).toBe(sample.length);
        expect(weights[0]).toBe(1);
        const predicted = weights.subarray(1);
        if (predicted.length > 0) expect(predicted.reduce((sum, weight) => sum + weight, 0) / predicted.length).toBeCloseTo(1, 5);
        sample.forEach((value, token) => {
          if (Number.isNaN(value)) expect(weights[token]).toBe(1);
        });
      }),
    );
  });

  it("rises with the score, equal scores weigh alike, and no two differ by more than high to low", () => {
    fc.assert(
      fc.property(scores, settings, (sample, choice) => {
        const weights = lossWeights(sample, choice);
        const tokens = [...sample.keys()].filter((token) => token > 0 && !Number.isNaN(sample[token]));
        tokens.sort((a, b) => sample[a]! - sample[b]!);
        tokens.forEach((token, place) => {
          const before = tokens[place - 1];
          if (before === undefined) return;
          if (sample[before] === sample[token]) expect(weights[before]).toBe(weights[token]);
          else expect(weights[before]!).toBeLessThanOrEqual(weights[token]! + 1e-6);
        });
        const [least, most] = [tokens[0], tokens.at(-1)];
        if (least !== undefined && most !== undefined) {
          expect(weights[most]! * choice.low).toBeLessThanOrEqual(weights[least]! * choice.high * (1 + 1e-5) + 1e-9);
        }
      }),
    );
  });

  it("asks for the order of the scores alone", () => {
    const whole = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(whole, settings, (values, choice) => {
        const stretched = Float32Array.from(values, (value) => 3 * value + 7);
        expect(lossWeights(stretched, choice)).toEqual(lossWeights(Float32Array.from(values), choice));
      }),
    );
  });

  it("is the formula", () => {
    const weights = lossWeights(Float32Array.of(9, 3, 1, 2), { low: 1, high: 3, sharpness: 1 });
    expect([...weights]).toEqual([1, 1.5, 0.5, 1]);
  });
});
