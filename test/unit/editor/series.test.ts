import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../src/protocol/events.js";
import type { StageName } from "../../../src/protocol/stages.js";
import { RunSeries } from "../../../src/views/series.js";

let seq = 0;
function metric(stage: StageName, step: number, loss?: number): RunEvent {
  return { seq: seq++, time: 1000 + step, stage, kind: "metric", step, totalSteps: 1000, values: loss === undefined ? {} : { loss } };
}

describe("RunSeries", () => {
  it("keeps every value through growth and marks missing ones as NaN", () => {
    const series = new RunSeries();
    for (let step = 1; step <= 1000; step += 1) series.add(metric("extend", step, step % 2 === 0 ? 1 / step : undefined));
    const [extend] = series.all();
    expect(extend?.step).toEqual(Float64Array.from({ length: 1000 }, (_, index) => index + 1));
    expect(extend?.loss[999]).toBe(1 / 1000);
    expect(extend?.loss[998]).toBeNaN();
    expect(extend?.gradNorm.every(Number.isNaN)).toBe(true);
  });

  it("hands out only what is new, by stage, in the order of the stages", () => {
    const series = new RunSeries();
    series.add(metric("replay", 1, 2));
    series.add(metric("extend", 1, 3));
    const cursor = series.cursor();
    expect(series.since(cursor)).toEqual([]);
    series.add(metric("replay", 2, 1));
    series.add(metric("extend", 2, 2.5));
    expect(series.since(cursor)?.map(({ stage, step, loss }) => [stage, [...step], [...loss]])).toEqual([
      ["extend", [2], [2.5]],
      ["replay", [2], [1]],
    ]);
  });

  it("withdraws the steps that a resumed run goes through again, and ends the epoch", () => {
    const series = new RunSeries();
    for (let step = 1; step <= 70; step += 1) series.add(metric("extend", step, 1));
    const cursor = series.cursor();
    series.add(metric("extend", 51, 0.5));
    expect(series.since(cursor)).toBeNull();
    const [extend] = series.all();
    expect(extend?.step.at(-1)).toBe(51);
    expect(extend?.step.length).toBe(51);
    expect(extend?.loss.at(-1)).toBe(0.5);
  });

  it("appends, put together, equal the whole, whatever the resumes", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ step: fc.integer({ min: 1, max: 30 }), read: fc.boolean() }), { maxLength: 80 }), (history) => {
        const series = new RunSeries();
        let copy: number[] = [];
        let cursor = series.cursor();
        for (const { step, read } of history) {
          series.add(metric("extend", step, step));
          if (!read) continue;
          const news = series.since(cursor);
          copy = news === null ? [...(series.all()[0]?.step ?? [])] : [...copy, ...(news[0]?.step ?? [])];
          cursor = series.cursor();
        }
        const rest = series.since(cursor);
        copy = rest === null ? [...(series.all()[0]?.step ?? [])] : [...copy, ...(rest[0]?.step ?? [])];
        expect(copy).toEqual([...(series.all()[0]?.step ?? [])]);
        expect(copy).toEqual([...copy].sort((a, b) => a - b));
      }),
    );
  });

  it("ignores metrics without a stage and other events", () => {
    const series = new RunSeries();
    series.add({ seq: 0, time: 0, stage: null, kind: "metric", step: 1, totalSteps: 1, values: {} });
    series.add({ seq: 1, time: 0, stage: "extend", kind: "log", level: "info", message: "" });
    expect(series.all()).toEqual([]);
  });
});
