/** What a line chart says in words: the newest values, the values under the crosshair, and a summary for screen readers. */
import { extentBetween, nearest } from "./decimate.js";
import type { Domain } from "./domain.js";
import { at } from "./growable.js";
import type { ChartSeries, LineChartInput } from "./lineChartTypes.js";
import type { Line } from "./seriesBuffer.js";

/** Newest value of each line. */
export function latestText(input: LineChartInput): string {
  return readOrder(input)
    .map(({ name, line }) => `${name} ${input.formatY(line.length > 0 ? at(line.y, line.length - 1) : NaN)}`)
    .join(" · ");
}

/** Values of each line at `x`, a point of the main line. */
export function pointText(input: LineChartInput, x: number): string {
  const values = readOrder(input).map(({ name, line }) => `${name} ${input.formatY(valueAt(line, x))}`);
  return [input.formatX(x), ...values].join(" · ");
}

/** Value of a line's point nearest to `x`; NaN before its first and after its last point. */
export function valueAt(line: Line, x: number): number {
  if (line.length === 0 || x < at(line.x, 0) || x > at(line.x, line.length - 1)) return NaN;
  return at(line.y, nearest(line, x));
}

/** The run's own lines first. */
function readOrder({ series }: LineChartInput): readonly ChartSeries[] {
  return [...series].sort((a, b) => Number(a.other ?? false) - Number(b.other ?? false));
}

/** What a person sees at a glance, and which keys there are. */
export function summaryText(input: LineChartInput, domain: Domain): string {
  const [first] = readOrder(input);
  if (first === undefined || first.line.length === 0) return input.title;
  const { min, max } = extentBetween(first.line, ...domain);
  return (
    `${input.title}: ${latestText(input)}; lowest ${input.formatY(min)}, highest ${input.formatY(max)}, ` +
    `${input.formatX(domain[0])} to ${input.formatX(domain[1])}. Arrow keys read values, plus and minus zoom, Escape resets.`
  );
}
