/** Scores of one benchmark by length: a row a length, a mark a model on a common scale, with its interval as a line. */
import * as l10n from "@vscode/l10n";
import { scaleLinear, scaleLog, select, symbol } from "../d3.js";
import type { BenchmarkScores, ScoreCell } from "../../src/protocol/evaluationView.js";
import type { ChartTheme } from "../charts/chartTheme.js";
import { modelStyle } from "../charts/modelStyle.js";
import { formatLength, formatPerplexity, formatShare } from "../format.js";
import { modelLabel } from "./labels.js";

const rowHeight = 15;
const margin = { top: 16, right: 10, bottom: 4, left: 44 };

/** Height in pixels that the plot takes. */
export function plotHeight({ lengths, models }: BenchmarkScores): number {
  return margin.top + margin.bottom + lengths.length * bandOf(models.length);
}

function bandOf(models: number): number {
  return Math.max(rowHeight + 6, models * 8 + 8);
}

export function dotPlot(scores: BenchmarkScores, window: number, theme: ChartTheme, width: number): SVGSVGElement {
  const height = plotHeight(scores);
  const svg = select(document.createElementNS("http://www.w3.org/2000/svg", "svg"))
    .attr("width", width)
    .attr("height", height)
    .attr("role", "img")
    .attr("aria-label", summary(scores));
  const x = scaleOf(scores, width);
  const band = bandOf(scores.models.length);
  const size = Math.max(10, theme.fontSize - 2);
  drawAxis();
  scores.lengths.forEach((length, row) => {
    const top = margin.top + row * band;
    const beyond = length > window;
    const group = svg.append("g");
    if (row % 2 === 0) {
      group
        .append("rect")
        .attr("x", margin.left)
        .attr("y", top)
        .attr("width", width - margin.left - margin.right)
        .attr("height", band);
      group.select("rect").attr("fill", theme.foreground).attr("fill-opacity", 0.05);
    }
    group
      .append("text")
      .attr("x", margin.left - 6)
      .attr("y", top + band / 2)
      .attr("dy", "0.34em")
      .attr("text-anchor", "end")
      .attr("font-size", size)
      .attr("font-weight", beyond ? 600 : 400)
      .attr("fill", theme.foreground)
      .text(formatLength(length));
    scores.models.forEach((model, index) => {
      const cell = scores.cells[index]?.[row] ?? null;
      if (cell !== null) drawMark(model, cell, length, top + 4 + ((index + 0.5) * (band - 8)) / scores.models.length);
    });
  });
  return svg.node() ?? document.createElementNS("http://www.w3.org/2000/svg", "svg");

  function drawMark(model: string, cell: ScoreCell, length: number, y: number): void {
    const { colour, mark } = modelStyle(model);
    const fill = theme.series[colour];
    const [from, to] = x.range() as [number, number];
    const place = (value: number): number => Math.min(to, Math.max(from, x(value)));
    const group = svg.append("g").attr("fill", fill).attr("stroke", fill);
    group.append("line").attr("x1", place(cell.low)).attr("x2", place(cell.high)).attr("y1", y).attr("y2", y).attr("stroke-opacity", 0.55);
    group
      .append("path")
      .attr("d", symbol(mark, 30)())
      .attr("transform", `translate(${String(place(cell.value))},${String(y)})`);
    group.append("title").text(`${modelLabel(model)}, ${formatLength(length)}: ${cellText(scores, cell)}`);
  }

  function drawAxis(): void {
    const ticks = isShare(scores) ? [0, 0.5, 1] : spaced(x.ticks(4), x);
    const axis = svg.append("g").attr("fill", theme.muted).attr("font-size", size);
    for (const tick of ticks) {
      axis
        .append("line")
        .attr("x1", x(tick))
        .attr("x2", x(tick))
        .attr("y1", margin.top)
        .attr("y2", height - margin.bottom)
        .attr("stroke", theme.grid);
      axis
        .append("text")
        .attr("x", x(tick))
        .attr("y", margin.top - 5)
        .attr("text-anchor", tick === ticks.at(-1) && isShare(scores) ? "end" : "middle")
        .text(isShare(scores) ? valueText(scores, tick) : String(tick));
    }
  }
}

/** Right or wrong, or a score in between: percentages of one whole. */
function isShare({ measure }: Pick<BenchmarkScores, "measure">): boolean {
  return measure === "share" || measure === "score";
}

function scaleOf(scores: BenchmarkScores, width: number) {
  const range = [margin.left, width - margin.right];
  if (isShare(scores)) return scaleLinear([0, 1], range);
  const values = scores.cells.flat().flatMap((cell) => (cell === null ? [] : [cell.value]));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Gains may be negative: no place for them on a logarithmic scale.
  if (scores.measure === "nats") return scaleLinear([Math.min(0, low), Math.max(high, low + 1e-3)], range).nice();
  return scaleLog([low * 0.92, Math.max(high, low * 1.05) * 1.08], range);
}

/** Ticks whose labels have room beside each other. */
function spaced(ticks: readonly number[], x: (value: number) => number): number[] {
  return ticks.reduce<number[]>((kept, tick) => {
    const before = kept.at(-1);
    return before === undefined || x(tick) - x(before) > 36 ? [...kept, tick] : kept;
  }, []);
}

/** "96 % (80 to 99 %), 24 trials". */
export function cellText(scores: Pick<BenchmarkScores, "task" | "measure">, cell: ScoreCell): string {
  const value = valueText(scores, cell.value);
  const trials =
    isShare(scores) && scores.task !== "contrast/gaining" ? l10n.t("{0} trials", cell.count) : l10n.t("{0} tokens", cell.count);
  if (!Number.isFinite(cell.low) || !Number.isFinite(cell.high)) return `${value}, ${trials}`;
  return l10n.t("{0} (95 %: {1} to {2}), {3}", value, valueText(scores, cell.low), valueText(scores, cell.high), trials);
}

export function valueText({ measure }: Pick<BenchmarkScores, "measure">, value: number): string {
  if (measure === "nats") return l10n.t("{0} nats", value.toFixed(3));
  return isShare({ measure }) ? formatShare(value) : formatPerplexity(value);
}

function summary(scores: BenchmarkScores): string {
  const rows = scores.models.map((model, index) => {
    const values = scores.lengths.flatMap((length, column) => {
      const cell = scores.cells[index]?.[column] ?? null;
      return cell === null ? [] : [`${formatLength(length)}: ${valueText(scores, cell.value)}`];
    });
    return `${modelLabel(model)} ${values.join(", ")}`;
  });
  return rows.join(". ");
}
