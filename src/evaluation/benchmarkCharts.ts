/** The report's charts of benchmarks: RULER by length, loss by distance, what distant context gains. */
import { scaleLinear, scaleLog } from "d3";
import type { ResultRow, Results } from "../protocol/results.js";
import { chart, height, margin, modelColour, width, type Series } from "./charts.js";
import { percent } from "./format.js";
import { ascending } from "./lengths.js";
import { meanScore } from "./measures.js";
import { summarizeRuler } from "./ruler/effectiveLength.js";
import { orderedModels } from "./summary.js";

const across = [margin.left, width - margin.right];
const down = [height - margin.bottom, margin.top];

/** Pictures with their captions; none for what was not measured. */
export function benchmarkCharts(results: Results, threshold: number): (readonly [string, string])[] {
  return [
    [rulerChart(results, threshold), "RULER: mean over its tasks by prompt length"] as const,
    [lossChartOf(results, "loss-by-distance", "Loss by distance"), "Loss in nats by the distance to the token's last occurrence"] as const,
    [lossChartOf(results, "contrast", "Gain of distant context"), "Nats per token that distant context gains, by position"] as const,
  ].filter(([picture]) => picture !== "");
}

function rulerChart({ rows, window }: Results, threshold: number): string {
  const series = summarizeRuler(rows, threshold).map(({ model, lengths }, place): Series => ({
    name: model,
    colour: modelColour(model, place),
    points: lengths.filter(({ whole }) => whole).map(({ length, mean }) => [length, mean] as const),
  }));
  const y = scaleLinear([0, 1], down);
  return byLength("RULER by prompt length", series, y, (tick) => percent(tick), window);
}

function lossChartOf({ rows, window }: Results, task: string, label: string): string {
  const own = rows.filter((row) => row.task === task);
  const series = orderedModels(own).map((model, place): Series => ({
    name: model,
    colour: modelColour(model, place),
    points: meansByLength(own.filter((row) => row.model === model)),
  }));
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const y = scaleLinear([Math.min(0, ...values), Math.max(1e-3, ...values)], down).nice();
  return byLength(label, series, y, (tick) => String(tick), window);
}

function meansByLength(rows: readonly ResultRow[]): [number, number][] {
  const lengths = ascending(rows.map(({ length }) => length));
  return lengths.map((length) => [length, meanScore(rows.filter((row) => row.length === length)) ?? Number.NaN]);
}

/** Lines over a doubling scale of lengths; "" where no model has a point. */
function byLength(
  label: string,
  series: readonly Series[],
  y: ReturnType<typeof scaleLinear<number, number>>,
  text: (tick: number) => string,
  window: number,
): string {
  const lengths = ascending(series.flatMap(({ points }) => points.map(([length]) => length)));
  const [first] = lengths;
  const last = lengths.at(-1);
  if (first === undefined || last === undefined) return "";
  const x = scaleLog([Math.min(first, last / 2), last], across).base(2);
  // At most eight labels have room.
  const every = Math.ceil(lengths.length / 8);
  const ticks = lengths.filter((_, place) => (lengths.length - 1 - place) % every === 0);
  return chart(
    label,
    "tokens",
    x,
    ticks,
    y,
    y.ticks(5).map((tick) => [tick, text(tick)] as const),
    series.filter(({ points }) => points.length > 0),
    window,
  );
}
