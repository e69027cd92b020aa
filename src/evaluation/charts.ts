/** The report's line charts: loss by step, accuracy by length. */
import { line, scaleLinear, scaleLog, type ScaleContinuousNumeric } from "d3";
import { percent, tokensText } from "./format.js";
import type { LossSeries } from "./report.js";
import type { Summary } from "./summary.js";
import { element, picture, svgText } from "./svg.js";

export const width = 640;
export const height = 300;
export const margin = { left: 56, right: 164, top: 22, bottom: 40 };
/** Series with intervals stand this far apart, so that none hides another. */
const apart = 5;

export type Scale = ScaleContinuousNumeric<number, number>;

export interface Series {
  readonly name: string;
  /** Number of the colour in the style sheet. */
  readonly colour: number;
  readonly points: readonly (readonly [number, number])[];
  readonly bands?: readonly (readonly [number, number, number])[];
}

/** Colour of a model, the same in every chart. */
export function modelColour(model: string, place: number): number {
  const known = ["base", "rope", "extended", "merged"].indexOf(model);
  return known === -1 ? 4 + (place % 4) : known;
}

/** Loss of every training stage, one after the other along the steps. */
export function lossChart(losses: readonly LossSeries[]): string {
  let before = 0;
  const series: Series[] = [];
  losses.forEach(({ stage, step, loss }, place) => {
    const points = step.map((at, index) => [before + at, loss[index] ?? Number.NaN] as const).filter(([, value]) => Number.isFinite(value));
    before += step.at(-1) ?? 0;
    if (points.length > 0) series.push({ name: stage, colour: 2 + place, points });
  });
  if (series.length === 0) return "";
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const x = scaleLinear([0, Math.max(1, before)], [margin.left, width - margin.right]);
  const y = scaleLinear([Math.min(...values), Math.max(...values)], [height - margin.bottom, margin.top]).nice();
  return chart(
    "Training loss by step",
    "step",
    x,
    x.ticks(6),
    y,
    y.ticks(5).map((tick) => [tick, String(tick)]),
    series,
    null,
  );
}

/** Needle accuracy by prompt length with 95 % intervals; a line marks the original window. */
export function accuracyChart({ needle, lengths, window }: Summary): string {
  const [first] = lengths;
  const last = lengths.at(-1);
  if (first === undefined || last === undefined) return "";
  const x = scaleLog([Math.min(first, last / 2), last], [margin.left, width - margin.right]).base(2);
  const y = scaleLinear([0, 1], [height - margin.bottom, margin.top]);
  const series = needle.map(({ model, byLength }, place) => ({
    name: model,
    colour: modelColour(model, place),
    points: [...byLength].map(([length, { share }]) => [length, share] as const),
    bands: [...byLength].map(([length, { interval }]) => [length, interval.low, interval.high] as const),
  }));
  const ticks = y.ticks(5).map((tick): [number, string] => [tick, percent(tick)]);
  return chart("Needle accuracy by prompt length", "tokens", x, lengths, y, ticks, series, window);
}

/** A chart of lines with a legend; `mark`: where a line marks the original window. */
export function chart(
  label: string,
  unit: string,
  x: Scale,
  xTicks: readonly number[],
  y: Scale,
  yTicks: readonly (readonly [number, string])[],
  series: readonly Series[],
  mark: number | null,
): string {
  const bottom = height - margin.bottom;
  const right = width - margin.right;
  const grid = yTicks.flatMap(([tick, text]) => [
    element("line", { class: "grid", x1: margin.left, x2: right, y1: y(tick), y2: y(tick) }),
    svgText(margin.left - 8, y(tick) + 4, text, { "text-anchor": "end" }),
  ]);
  const axis = xTicks.map((tick) => svgText(x(tick), bottom + 18, tokensText(tick), { "text-anchor": "middle" }));
  const unitText = svgText(right, height - 6, unit, { "text-anchor": "end" });
  const [low = 0, high = 0] = x.domain();
  const window =
    mark === null || mark < low || mark > high
      ? []
      : [
          element("line", { class: "mark", x1: x(mark), x2: x(mark), y1: margin.top, y2: bottom }),
          svgText(x(mark), margin.top - 8, "W", { class: "muted", "text-anchor": "middle" }),
        ];
  return picture(width, height, label, [
    ...grid,
    ...axis,
    unitText,
    ...window,
    ...series.flatMap((one, place) => drawSeries(one, apart * (place - (series.length - 1) / 2), x, y)),
    ...legend(series),
  ]);
}

function drawSeries({ colour, points, bands }: Series, shift: number, x: Scale, y: Scale): string[] {
  const place = (at: number): number => x(at) + (bands === undefined ? 0 : shift);
  const path = line<readonly [number, number]>(
    ([at]) => place(at),
    ([, value]) => y(value),
  )([...points]);
  const dots = points.length > 40 ? [] : points;
  return [
    ...(bands ?? []).map(([at, low, high]) =>
      element("line", { class: `band c${colour}`, x1: place(at), x2: place(at), y1: y(low), y2: y(high) }),
    ),
    element("path", { class: `line c${colour}`, d: path ?? "" }),
    ...dots.map(([at, value]) => element("circle", { class: `dot c${colour}`, cx: place(at), cy: y(value), r: 3 })),
  ];
}

function legend(series: readonly Series[]): string[] {
  const left = width - margin.right + 14;
  return series.flatMap(({ name, colour }, place) => {
    const top = margin.top + 8 + place * 20;
    return [element("line", { class: `line c${colour}`, x1: left, x2: left + 16, y1: top, y2: top }), svgText(left + 22, top + 4, name)];
  });
}
