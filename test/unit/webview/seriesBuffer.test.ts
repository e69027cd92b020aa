import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MetricSeries } from "../../../src/protocol/dashboard.js";
import { GrowableFloats } from "../../../webview/charts/growable.js";
import { SeriesBuffer } from "../../../webview/charts/seriesBuffer.js";
import { ExponentialAverage } from "../../../webview/charts/smoothing.js";

/** Steps as given, loss = value of step, one second a step from `start` on. */
function series(steps: readonly number[], start = 0, value = (step: number) => step): MetricSeries {
  const column = Float64Array.from(steps, value);
  const time = Float64Array.from(steps, (_, index) => start + index * 1000);
  return {
    stage: "extend",
    step: Float64Array.from(steps),
    time,
    loss: column,
    learningRate: column,
    gradNorm: column,
    modelFlopsUtilization: column,
    tokensPerSecond: column,
    memoryBytes: column,
  };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const shown = (buffer: SeriesBuffer): number[][] => {
  const { x, y, length } = buffer.line("loss", "step");
  return [[...x.subarray(0, length)], [...y.subarray(0, length)]];
};

describe("GrowableFloats", () => {
  it("holds what was appended, in few allocations", () => {
    const values = new GrowableFloats(4);
    const stores = new Set<Float64Array>();
    for (let index = 0; index < 10_000; index++) {
      values.append(Float64Array.of(index, -index));
      stores.add(values.data);
    }
    expect(values.length).toBe(20_000);
    expect([...values.data.subarray(19_998, 20_000)]).toEqual([9999, -9999]);
    expect(stores.size).toBeLessThanOrEqual(14);
  });
});

describe("SeriesBuffer", () => {
  it("shows the same however the points were split into messages", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 8 }), (cuts) => {
        const whole = new SeriesBuffer("extend");
        whole.append(series(range(0, 300)));
        const parts = new SeriesBuffer("extend");
        const borders = [0, ...[...cuts].sort((a, b) => a - b), 300];
        for (let index = 1; index < borders.length; index++) {
          const [from = 0, to = 0] = [borders[index - 1], borders[index]];
          parts.append(series(range(from, to), from * 1000));
        }
        expect(shown(parts)).toEqual(shown(whole));
      }),
    );
  });

  it("lets a resumed run take the place of the steps it repeats, in one message or in two", () => {
    const two = new SeriesBuffer("extend");
    two.append(series(range(1, 201)));
    two.append(series(range(150, 260), 900_000, (step) => -step));
    const one = new SeriesBuffer("extend");
    one.append(series([...range(1, 201), ...range(150, 260)], 0, (step) => step));
    expect(shown(two)[0]).toEqual(range(1, 260));
    expect(shown(two)[1]?.slice(147, 151)).toEqual([148, 149, -150, -151]);
    expect(shown(one)[0]).toEqual(range(1, 260));
    expect(two.line("loss", "step").gaps).toEqual([149]);
  });

  it("gives right extremes after steps were taken back", () => {
    const buffer = new SeriesBuffer("extend");
    buffer.append(series(range(1, 300), 0, (step) => (step > 200 ? 1e9 : step)));
    buffer.append(series(range(190, 400), 0, (step) => -step));
    const line = buffer.line("loss", "step");
    const extent = { min: Infinity, max: -Infinity };
    line.index.widen(line.y, 0, line.length, extent);
    expect(extent).toEqual({ min: -399, max: 189 });
  });

  it("breaks the line at a pause, not at a slow step", () => {
    const buffer = new SeriesBuffer("extend");
    buffer.append(series(range(0, 10)));
    buffer.append(series(range(10, 20), 9000 + 29_000));
    buffer.append(series(range(20, 30), 47_000 + 60_000));
    expect(buffer.line("loss", "step").gaps).toEqual([20]);
  });

  it("takes long steps for steps where all are long", () => {
    const buffer = new SeriesBuffer("extend");
    const slow = series(range(0, 20));
    buffer.append({ ...slow, time: Float64Array.from(slow.step, (step) => step * 120_000) });
    expect(buffer.line("loss", "step").gaps).toEqual([]);
  });

  it("knows its pace since the last pause, and the newest value that was reported", () => {
    const buffer = new SeriesBuffer("extend");
    buffer.append(series(range(0, 10)));
    buffer.append(series(range(10, 20), 600_000, (step) => (step > 15 ? NaN : step)));
    expect(buffer.pace()).toBeCloseTo(1 / 1000);
    expect(buffer.latest("gradNorm")).toBe(15);
    expect(new SeriesBuffer("replay").latest("loss")).toBeNaN();
  });
});

describe("ExponentialAverage", () => {
  it("stays at a constant, and between the extremes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.6, 0.9, 0.98),
        (raw, weight) => {
          const average = new ExponentialAverage(weight);
          average.extend(Float64Array.from(raw), raw.length);
          for (let index = 0; index < raw.length; index++) {
            const seen = raw.slice(0, index + 1);
            expect(average.values.data[index]).toBeGreaterThanOrEqual(Math.min(...seen) - 1e-9);
            expect(average.values.data[index]).toBeLessThanOrEqual(Math.max(...seen) + 1e-9);
          }
          expect(average.values.data[0]).toBeCloseTo(raw[0]!, 9);
        },
      ),
    );
  });

  it("gives the same when it catches up bit by bit, and leaves holes where there are holes", () => {
    const raw = Float64Array.from({ length: 500 }, (_, index) => (index % 7 === 3 ? NaN : Math.sin(index)));
    const [once, often] = [new ExponentialAverage(0.9), new ExponentialAverage(0.9)];
    once.extend(raw, 500);
    for (let length = 1; length <= 500; length += 13) often.extend(raw, length);
    often.extend(raw, 500);
    expect(often.values.data.subarray(0, 500)).toEqual(once.values.data.subarray(0, 500));
    expect(once.values.data[3]).toBeNaN();
    expect(once.values.data[4]).not.toBeNaN();
  });

  it("follows the definition", () => {
    const average = new ExponentialAverage(0.5);
    average.extend(Float64Array.of(1, 3), 2);
    expect([...average.values.data.subarray(0, 2)]).toEqual([1, (0.25 * 1 + 0.5 * 3) / 0.75]);
  });
});
