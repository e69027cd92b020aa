import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimate, extentBetween, makeColumns, nearest } from "../../../webview/charts/decimate.js";
import { MinMaxIndex } from "../../../webview/charts/minMaxIndex.js";
import type { Line } from "../../../webview/charts/seriesBuffer.js";

function lineOf(x: readonly number[], y: readonly number[]): Line {
  const index = new MinMaxIndex();
  const values = Float64Array.from(y);
  index.extend(values, values.length);
  return { x: Float64Array.from(x), y: values, length: values.length, index, gaps: [] };
}

/** Ascending x with uneven distances, y with holes. */
const lines = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.oneof({ weight: 9, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) }, fc.constant(NaN)),
    ),
    {
      minLength: 1,
      maxLength: 600,
    },
  )
  .map((points) => {
    let x = 0;
    return lineOf(
      points.map(([step]) => (x += step)),
      points.map(([, y]) => y),
    );
  });

const real = (values: Iterable<number>): number[] => [...values].filter((value) => !Number.isNaN(value));

describe("decimate", () => {
  it("keeps the extremes of the whole line, whatever the width", () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 200 }), (line, width) => {
        const columns = makeColumns(width);
        const view = { from: line.x[0]!, to: line.x[line.length - 1]! + 1, width };
        decimate(line, 0, line.length, view, columns);
        const values = real(line.y);
        expect(Math.min(...columns.min.subarray(0, columns.count))).toBe(values.length > 0 ? Math.min(...values) : Infinity);
        expect(Math.max(...columns.max.subarray(0, columns.count))).toBe(values.length > 0 ? Math.max(...values) : -Infinity);
      }),
    );
  });

  it("keeps the extremes of every pixel column, and the values it enters and leaves with", () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 0.6, noNaN: true }), (line, width, share) => {
        const last = line.x[line.length - 1]!;
        const view = { from: Math.floor(last * share), to: Math.floor(last * share) + Math.max(1, Math.floor(last * 0.3)), width };
        const columns = makeColumns(width);
        decimate(line, 0, line.length, view, columns);
        const perColumn = (view.to - view.from) / width;
        const expected: number[][] = [];
        for (let column = 0; column < width; column++) {
          const low = view.from + column * perColumn;
          const high = column === width - 1 ? view.to : view.from + (column + 1) * perColumn;
          const inside = real([...line.y].filter((_, index) => line.x[index]! >= low && line.x[index]! < high));
          if (inside.length > 0) expected.push([inside[0]!, Math.min(...inside), Math.max(...inside), inside.at(-1)!]);
        }
        const got = Array.from({ length: columns.count }, (_, slot) => [
          columns.x[slot]!,
          columns.first[slot]!,
          columns.min[slot]!,
          columns.max[slot]!,
          columns.last[slot]!,
        ]);
        // The one point beyond either edge stands outside the view.
        const inView = got.filter(([x]) => x! >= 0 && x! < width).map(([, ...values]) => values);
        expect(inView).toEqual(expected);
      }),
    );
  });

  it("never needs more columns than there are pixels and two", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => index);
    const columns = makeColumns(50);
    decimate(lineOf(many, many), 0, 10_000, { from: 1000, to: 9000, width: 50 }, columns);
    expect(columns.count).toBe(52);
    expect(columns.x[0]).toBeLessThan(0);
    expect(columns.x[51]).toBeGreaterThanOrEqual(50);
  });

  it("puts single points at their own place, not at a column's middle", () => {
    const columns = makeColumns(100);
    decimate(lineOf([0, 3, 10], [1, 2, 3]), 0, 3, { from: 0, to: 10, width: 100 }, columns);
    expect([...columns.x.subarray(0, columns.count)]).toEqual([0, 30, 100]);
  });

  it("draws nothing outside the part of the line it is given", () => {
    const columns = makeColumns(10);
    decimate(lineOf([1, 2, 3, 4], [9, 1, 2, 9]), 1, 3, { from: 0, to: 5, width: 10 }, columns);
    expect(Math.max(...columns.max.subarray(0, columns.count))).toBe(2);
  });
});

describe("extentBetween", () => {
  it("agrees with a plain scan, ends included", () => {
    fc.assert(
      fc.property(lines, fc.nat(1500), fc.nat(1500), (line, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const values = real([...line.y].filter((_, index) => line.x[index]! >= from && line.x[index]! <= to));
        const { min, max } = extentBetween(line, from, to);
        expect([min, max]).toEqual(values.length > 0 ? [Math.min(...values), Math.max(...values)] : [Infinity, -Infinity]);
      }),
    );
  });
});

describe("nearest", () => {
  it("finds the nearest point, and none on an empty line", () => {
    const line = lineOf([1, 5, 6], [0, 0, 0]);
    expect([-4, 2, 3.5, 5.4, 99].map((x) => nearest(line, x))).toEqual([0, 0, 1, 1, 2]);
    expect(nearest(lineOf([], []), 3)).toBe(-1);
  });
});
