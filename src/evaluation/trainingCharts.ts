/** The report's charts of training: held-out perplexity by step, and which distances the samples train. */
import { scaleLinear, scaleLog } from "d3";
import type { CoverageFile } from "../protocol/coverage.js";
import { chart, height, margin, width, type Series } from "./charts.js";
import { perplexityText } from "./format.js";
import type { ValidationSeries } from "./report.js";

const across = [margin.left, width - margin.right];
const down = [height - margin.bottom, margin.top];

/** Held-out perplexity inside and beyond the window while training, stage after stage along the steps; "" where nothing was measured. */
export function validationChart(validations: readonly ValidationSeries[]): string {
  const inside: (readonly [number, number])[] = [];
  const beyond: (readonly [number, number])[] = [];
  let before = 0;
  for (const { step, inside: in_, beyond: out } of validations) {
    step.forEach((at, index) => {
      inside.push([before + at, in_[index] ?? Number.NaN]);
      beyond.push([before + at, out[index] ?? Number.NaN]);
    });
    before += step.at(-1) ?? 0;
  }
  const measured = ([, value]: readonly [number, number]): boolean => Number.isFinite(value) && value > 0;
  const series: Series[] = [
    { name: "inside W", colour: 2, points: inside.filter(measured) },
    { name: "beyond W", colour: 1, points: beyond.filter(measured) },
  ].filter(({ points }) => points.length > 0);
  if (series.length === 0) return "";
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const x = scaleLinear([0, Math.max(1, before)], across);
  const y = scaleLog([Math.min(...values) / 1.05, Math.max(...values) * 1.05], down);
  return chart(
    "Held-out perplexity by step",
    "step",
    x,
    x.ticks(6),
    y,
    few(y.ticks(5)).map((tick) => [tick, perplexityText(tick)]),
    series,
    null,
  );
}

/** How often samples hold each distance, as a multiple of every distance equally often; one line a strategy. */
export function coverageChart({ coverage }: CoverageFile): string {
  const series = coverage.slice(0, 8).map(({ strategy, source, edges, trained, uniform }, place): Series => ({
    name: source === "samples" ? strategy : `${strategy} (sim.)`,
    colour: place,
    points: trained.map((share, bin) => [((edges[bin] ?? 0) + (edges[bin + 1] ?? 0)) / 2, share / (uniform[bin] ?? 1)] as const),
  }));
  const target = coverage[0]?.targetLength;
  if (target === undefined) return "";
  const x = scaleLinear([0, target], across);
  const y = scaleLinear([0, Math.max(1, ...series.flatMap(({ points }) => points.map(([, value]) => value)))], down).nice();
  return chart(
    "Trained distances against uniform",
    "distance",
    x,
    x.ticks(6),
    y,
    y.ticks(5).map((tick) => [tick, `${tick} ×`]),
    series,
    null,
  );
}

/** A logarithmic scale gives nine ticks a decade: every second or third is enough. */
function few(ticks: readonly number[]): number[] {
  const step = Math.ceil(ticks.length / 6);
  return ticks.filter((_, index) => index % step === 0);
}
