/** Which relative distances a sample trains: pairs of tokens by distance, against every distance equally often. */
import { axisBottom, format, line, scaleLinear, select } from "../d3.js";
import { formatShare } from "../format.js";
import type { ChartTheme } from "./chartTheme.js";
import { CoverageCounter } from "../../src/recipe/coverage.js";

const margin = { top: 8, right: 16, bottom: 24, left: 48 };
const height = 150;

export class DistanceChart {
  readonly element = document.createElement("figure");
  readonly #svg = select(this.element).append("svg").attr("role", "img");

  constructor() {
    this.element.className = "distances";
  }

  /** @param positions position of each token, ascending, below `target`; draws into `width` pixels */
  draw(positions: Int32Array, target: number, theme: ChartTheme, width: number): void {
    const counter = new CoverageCounter(target);
    counter.add(positions);
    const pairs = counter.pairs();
    const { edges } = counter;
    const total = pairs.reduce((sum, count) => sum + count, 0);
    const shares = Array.from(pairs, (count) => (total === 0 ? 0 : count / total));
    const even = shares.map((_, bin) => ((edges[bin + 1] ?? 0) - (edges[bin] ?? 0)) / Math.max(1, target - 1));
    const x = scaleLinear([0, target], [margin.left, width - margin.right]);
    const y = scaleLinear([0, Math.max(...shares, ...even) * 1.05], [height - margin.bottom, margin.top]);
    this.#svg
      .attr("width", width)
      .attr("height", height)
      .attr("aria-label", summary(pairs, edges, total));
    this.#svg.selectAll("*").remove();
    const bars = this.#svg.append("g").attr("fill", theme.series[0]).selectAll("rect").data(shares).join("rect");
    bars.attr("x", (_, bin) => x(edges[bin] ?? 0)).attr("y", (share) => y(share));
    bars.attr("width", (_, bin) => Math.max(0.5, x(edges[bin + 1] ?? 0) - x(edges[bin] ?? 0) - 0.5));
    bars.attr("height", (share) => height - margin.bottom - y(share));
    bars.append("title").text((share, bin) => `${range(edges, bin)}: ${formatShare(share, { digits: 1 })} of the pairs`);
    const level = line<number>(
      (_, bin) => x(((edges[bin] ?? 0) + (edges[bin + 1] ?? 0)) / 2),
      (share) => y(share),
    );
    this.#svg.append("path").attr("fill", "none").attr("stroke", theme.foreground).attr("stroke-dasharray", "4 3").attr("d", level(even));
    const axis = this.#svg
      .append("g")
      .attr("class", "axis")
      .attr("transform", `translate(0,${String(height - margin.bottom)})`);
    axis.call(
      axisBottom<number>(x)
        .ticks(Math.max(2, Math.floor(width / 110)))
        .tickFormat(format(","))
        .tickSizeOuter(0),
    );
    axis.attr("font-family", theme.fontFamily).attr("font-size", Math.max(10, theme.fontSize - 2));
    const top = this.#svg
      .append("g")
      .attr("class", "axis")
      .append("text")
      .attr("x", margin.left - 6)
      .attr("text-anchor", "end");
    top
      .attr("y", y(Math.max(...shares)) + 4)
      .attr("font-size", Math.max(10, theme.fontSize - 2))
      .text(formatShare(Math.max(...shares), { digits: 1 }));
  }
}

function range(edges: readonly number[], bin: number): string {
  const number = format(",");
  return `${number(edges[bin] ?? 0)} to ${number((edges[bin + 1] ?? 1) - 1)}`;
}

function summary(pairs: Float64Array, edges: readonly number[], total: number): string {
  const reached = pairs.findLastIndex((count) => count > 0);
  const empty = pairs.filter((count) => count === 0).length;
  if (reached < 0) return "No pair of tokens.";
  return (
    `${format(",")(total)} pairs of tokens by their distance, up to ${format(",")((edges[reached + 1] ?? 1) - 1)}; ` +
    `${String(empty)} of ${String(pairs.length)} ranges of distances are not reached by this sample.`
  );
}
