import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random, subSeed } from "../../../src/recipe/random.js";

describe("Random", () => {
  it("repeats itself for equal seeds and labels, and differs for others", () => {
    const draw = (random: Random) => Array.from({ length: 8 }, () => random.integer(0, 1e9));
    expect(draw(new Random(1, "a", 2))).toEqual(draw(new Random(1, "a", 2)));
    expect(draw(new Random(1, "a", 2))).not.toEqual(draw(new Random(1, "a", 3)));
    expect(subSeed(1, "ab")).not.toBe(subSeed(1, "a", "b"));
  });

  it("is the same on every machine", () => {
    expect(subSeed(42, "samples", 0)).toBe(1_662_901_102);
  });

  it("fills arrays with what single draws give, and goes on from there", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(50), (seed, count) => {
        const [one, other] = [new Random(seed), new Random(seed)];
        expect([...one.units(new Float64Array(count))]).toEqual(Array.from({ length: count }, () => other.unit()));
        expect(one.integer(0, 1e9)).toBe(other.integer(0, 1e9));
      }),
    );
  });

  it("draws subsets by the same integers as Floyd's algorithm with single draws", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 60 }),
        fc.oneof(fc.nat(200), fc.constantFrom(0, 1_000_000, 40_000_000)),
        (seed, count, more) => {
          const [one, other] = [new Random(seed), new Random(seed)];
          const range = count + more;
          const expected = new Set<number>();
          for (let limit = range - count; limit < range; limit++) {
            const value = other.integer(0, limit);
            expected.add(expected.has(value) ? limit : value);
          }
          expect([...one.subset(count, range)]).toEqual([...expected].sort((a, b) => a - b));
          expect(one.integer(0, 1e9)).toBe(other.integer(0, 1e9));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("draws subsets that are sorted, distinct and in range", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.nat(100), fc.nat(), (range, share, seed) => {
        const count = Math.floor((range * share) / 100);
        const subset = new Random(seed, "subset").subset(count, range);
        expect(subset.length).toBe(count);
        subset.forEach((value, at) => expect(value).toBeGreaterThan(at === 0 ? -1 : subset[at - 1]!));
        if (count > 0) expect(subset.at(-1)).toBeLessThan(range);
      }),
    );
    expect(() => new Random(1).subset(4, 3)).toThrow(RangeError);
  });

  it("shuffles without loss", () => {
    const items = Array.from({ length: 100 }, (_, at) => at);
    const shuffled = new Random(5).shuffle([...items]);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.sort((a, b) => a - b)).toEqual(items);
  });
});
