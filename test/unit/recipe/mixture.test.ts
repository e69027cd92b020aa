import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mixed, schedule } from "../../../src/recipe/mixture.js";

const weights = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 6 });

describe("schedule", () => {
  it("keeps every source near its share all the way", () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 300 }), (shares, count) => {
        const total = shares.reduce((sum, weight) => sum + weight, 0);
        const taken = shares.map(() => 0);
        schedule(shares, count).forEach((source, sample) => {
          taken[source]!++;
          taken.forEach((times, at) => expect(Math.abs(times - (shares[at]! / total) * (sample + 1))).toBeLessThan(shares.length));
        });
      }),
    );
  });
});

describe("mixed", () => {
  it("asks each source once for as much as it gives", () => {
    const asked: number[] = [];
    const made = [
      ...mixed([1, 2], 9, function* (source, samples) {
        asked.push(samples);
        for (let at = 0; at < samples; at++) yield source;
      }),
    ];
    expect(asked.sort()).toEqual([3, 6]);
    expect(made.filter((source) => source === 1).length).toBe(6);
    expect(made.length).toBe(9);
  });
});
