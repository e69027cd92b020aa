/** What a line chart says in words: the newest values, the values under the crosshair, and a summary for screen readers. */
import { extentBetween } from "./decimate.js";
import type { Domain } from "./domain.js";
import { at } from "./growable.js";
import type { LineChartInput } from "./lineChartTypes.js";

/** Newest value of each line. */
export function latestText(input: LineChartInput): string {
  return input.series.map(({ name, line }) => `${name} ${input.formatY(line.length > 0 ? at(line.y, line.length - 1) : NaN)}`).join(" · ");
}

/** Values of each line at one of its points. */
export function pointText(input: LineChartInput, index: number): string {
  const first = input.series[0];
  if (first === undefined) return "";
  const values = input.series.map(({ name, line }) => `${name} ${input.formatY(at(line.y, index))}`);
  return [input.formatX(at(first.line.x, index)), ...values].join(" · ");
}

/** What a person sees at a glance, and which keys there are. */
export function summaryText(input: LineChartInput, domain: Domain): string {
  const first = input.series[0];
  if (first === undefined || first.line.length === 0) return input.title;
  const { min, max } = extentBetween(first.line, ...domain);
  return (
    `${input.title}: ${latestText(input)}; lowest ${input.formatY(min)}, highest ${input.formatY(max)}, ` +
    `${input.formatX(domain[0])} to ${input.formatX(domain[1])}. Arrow keys read values, plus and minus zoom, Escape resets.`
  );
}
