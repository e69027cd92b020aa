import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortDescending } from "../../../src/recipe/rankSort.js";

const keys = fc.oneof(
  fc.constantFrom(-Infinity, 0, 1, 0.25, 1e-300, 1e300, 5),
  fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
  fc.integer({ min: 0, max: 9 }),
);

describe("sortDescending", () => {
  it("equals a comparison sort", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.double({ noNaN: true, min: 0, max: 0.999 })), { maxLength: 400, size: "max" }), (items) => {
        const key = Float64Array.from(items, ([value]) => value);
        const tie = Float64Array.from(items, ([, value]) => value);
        const expected = items
          .map((_, at) => at)
          .sort((a, b) => (key[a] === key[b] ? tie[b]! - tie[a]! || a - b : key[b]! > key[a]! ? 1 : -1));
        const told: number[] = [];
        expect([...sortDescending(key, tie, (item) => told.push(item) > 0)]).toEqual(expected);
        expect(told).toEqual(expected);
        const most = Math.floor(items.length / 3);
        const first: number[] = [];
        sortDescending(key, tie, (item) => first.push(item) < most);
        expect(first).toEqual(expected.slice(0, Math.max(1, most)));
      }),
    );
  });
});
