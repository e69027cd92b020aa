/** Share of needles found by prompt length, one line a model, with the original window and the target marked. */
import { drawBorder } from "./border.js";
import { axisBottom, axisLeft, line, scaleLinear, scaleLog, select, symbol, type ScaleLogarithmic } from "../d3.js";
import { formatShare } from "../format.js";
import type { ChartTheme } from "./chartTheme.js";
import { modelStyle } from "./modelStyle.js";
import type { AccuracyLine } from "./needleData.js";

export interface AccuracyChartInput {
  readonly lines: readonly AccuracyLine[];
  readonly window: number;
  readonly target: number;
  readonly formatLength: (length: number) => string;
}

const margin = { top: 20, right: 16, bottom: 26, left: 60 };

export class AccuracyChart {
  readonly element = document.createElement("figure");
  readonly #svg = select(this.element).append("svg").attr("role", "img");
  readonly #legend = select(this.element).append("ul").attr("class", "legend");

  constructor() {
    this.element.className = "accuracy";
  }

  /** Draws into `width` × `height` pixels. */
  draw({ lines, window, target, formatLength }: AccuracyChartInput, theme: ChartTheme, width: number, height: number): void {
    const lengths = [...new Set(lines.flatMap(({ points }) => points.map((point) => point.length)))].sort((a, b) => a - b);
    const [shortest = 1, longest = 2] = [lengths[0], lengths.at(-1)];
    const x = scaleLog([Math.min(shortest, window) * 0.94, Math.max(longest, target) * 1.06], [margin.left, width - margin.right]).base(2);
    const y = scaleLinear([0, 1], [height - margin.bottom, margin.top]);
    this.#svg.attr("width", width).attr("height", height).attr("aria-label", summary(lines));
    this.#svg.selectAll("*").remove();
    const grid = this.#svg.append("g").attr("class", "grid");
    grid
      .selectAll("line")
      .data([0, 0.5, 1])
      .join("line")
      .attr("x1", margin.left)
      .attr("x2", width - margin.right)
      .attr("y1", y)
      .attr("y2", y);
    this.#drawAxes(x, height, lengths, formatLength, theme);
    this.#drawBorder(x(window), "W", height);
    this.#drawBorder(x(target), "T", height);
    const path = line<{ length: number; mean: number }>(
      (point) => x(point.length),
      (point) => y(point.mean),
    );
    for (const { model, points } of lines) {
      const { colour, mark } = modelStyle(model);
      const group = this.#svg.append("g").attr("fill", theme.series[colour]).attr("stroke", theme.series[colour]);
      const intervals = group.append("g").attr("stroke-opacity", 0.45).selectAll("line").data(points).join("line");
      intervals.attr("x1", (point) => x(point.length)).attr("x2", (point) => x(point.length));
      intervals.attr("y1", (point) => y(point.low)).attr("y2", (point) => y(point.high));
      group
        .append("path")
        .attr("fill", "none")
        .attr("stroke-width", 1.5)
        .attr("d", path([...points]));
      const marks = group.selectAll("path.mark").data(points).join("path").attr("class", "mark").attr("d", symbol(mark, 36)());
      marks.attr("transform", (point) => `translate(${x(point.length)},${y(point.mean)})`);
      marks
        .append("title")
        .text(
          (point) =>
            `${modelStyle(model).label}, ${formatLength(point.length)} tokens: ${formatShare(point.mean)} of ${point.trials} (95 %: ${formatShare(point.low)} to ${formatShare(point.high)})`,
        );
    }
    this.#drawLegend(lines, theme);
  }

  #drawAxes(
    x: ScaleLogarithmic<number, number>,
    height: number,
    lengths: readonly number[],
    formatLength: (length: number) => string,
    theme: ChartTheme,
  ): void {
    const shown: number[] = [];
    for (const length of [...lengths].reverse()) {
      const next = shown.at(-1);
      if (next === undefined || x(next) - x(length) > 40) shown.push(length);
    }
    const bottom = axisBottom(x)
      .tickValues(shown)
      .tickFormat((length) => formatLength(length.valueOf()))
      .tickSizeOuter(0)
      .tickSizeInner(4);
    const y = scaleLinear([0, 1], [height - margin.bottom, margin.top]);
    const left = axisLeft(y)
      .tickValues([0, 0.5, 1])
      .tickFormat((share) => formatShare(share.valueOf()))
      .tickSize(0)
      .tickPadding(8);
    const size = Math.max(10, theme.fontSize - 2);
    this.#svg
      .append("g")
      .attr("class", "axis")
      .attr("transform", `translate(0,${height - margin.bottom})`)
      .call(bottom)
      .attr("font-family", theme.fontFamily)
      .attr("font-size", size);
    const axis = this.#svg.append("g").attr("class", "axis").attr("transform", `translate(${margin.left},0)`).call(left);
    axis.attr("font-family", theme.fontFamily).attr("font-size", size).select(".domain").remove();
  }

  #drawBorder(place: number, name: string, height: number): void {
    const border = this.#svg.append("g").attr("class", "border");
    drawBorder(border, { place, name, top: margin.top, bottom: height - margin.bottom });
  }

  #drawLegend(lines: readonly AccuracyLine[], theme: ChartTheme): void {
    const entries = this.#legend.selectAll("li").data(lines).join("li");
    entries.selectAll("*").remove();
    const marks = entries.append("svg").attr("width", 12).attr("height", 12).attr("viewBox", "-6 -6 12 12").attr("aria-hidden", "true");
    marks
      .append("path")
      .attr("d", ({ model }) => symbol(modelStyle(model).mark, 48)())
      .attr("fill", ({ model }) => theme.series[modelStyle(model).colour]);
    entries.append("span").text(({ model }) => modelStyle(model).label);
  }
}

function summary(lines: readonly AccuracyLine[]): string {
  const parts = lines.map(
    ({ model, points }) =>
      `${modelStyle(model).label} ${points.map((point) => `${String(point.length)}: ${formatShare(point.mean)}`).join(", ")}`,
  );
  return `Needles found by prompt length. ${parts.join(". ")}`;
}
