/** A line chart: the lines on a canvas, axes and crosshair in SVG over it. What pointer and keyboard do is in lineChartInput.ts. */
import { scaleLinear, select } from "../d3.js";
import type { ChartTheme } from "./chartTheme.js";
import { makeColumns, nearest, type Columns } from "./decimate.js";
import { isWhole, type Domain } from "./domain.js";
import { at } from "./growable.js";
import { drawAxes, drawCanvas, drawLegend, scaleY, type YScale } from "./lineChartDrawing.js";
import { attachLineChartInput } from "./lineChartInput.js";
import { latestText, pointText, summaryText, valueAt } from "./lineChartText.js";
import type { Area, LineChartEvents, LineChartInput } from "./lineChartTypes.js";
import type { Line } from "./seriesBuffer.js";

const margin = { top: 8, right: 24, bottom: 24, left: 60 };

export class LineChart {
  readonly element = document.createElement("figure");
  readonly plot = document.createElement("div");
  readonly #head = document.createElement("figcaption");
  readonly #title = document.createElement("h3");
  readonly #readout = document.createElement("span");
  readonly #legend = document.createElement("ul");
  readonly #canvas = document.createElement("canvas");
  readonly #svg = select(this.plot).append("svg").attr("aria-hidden", "true").attr("focusable", "false");
  readonly #xAxis = this.#svg.append("g").attr("class", "axis axis-x");
  readonly #yAxis = this.#svg.append("g").attr("class", "axis axis-y");
  readonly #cross = this.#svg.append("g").attr("class", "crosshair").attr("visibility", "hidden");
  readonly #brush = this.#svg.append("rect").attr("class", "brush").attr("visibility", "hidden");
  readonly #observer: ResizeObserver;
  #input: LineChartInput | null = null;
  #zoom: Domain | null = null;
  #cursor: number | null = null;
  #size = { width: 0, height: 0 };
  #columns: Columns = makeColumns(1);
  #colours: readonly string[] = [];
  #y: YScale = scaleLinear();

  constructor(readonly events: LineChartEvents) {
    this.element.className = "chart";
    this.plot.className = "plot";
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "img");
    this.#readout.className = "readout";
    this.#head.append(this.#title, this.#readout);
    this.#cross.append("line");
    this.plot.prepend(this.#canvas);
    this.#legend.className = "legend";
    this.element.append(this.#head, this.plot, this.#legend);
    this.#observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = this.plot;
      if (width === this.#size.width && height === this.#size.height) return;
      this.#size = { width, height };
      events.onChange(true);
    });
    this.#observer.observe(this.plot);
    attachLineChartInput(this);
  }

  dispose(): void {
    this.#observer.disconnect();
    this.element.remove();
  }

  setInput(input: LineChartInput): void {
    if (this.#input !== null && this.#input.axis !== input.axis) this.#cursor = null;
    this.#input = input;
  }

  setZoom(domain: Domain | null): void {
    this.#zoom = domain;
  }

  /** Ends of the data along x. */
  full(): Domain {
    let from = Infinity;
    let to = -Infinity;
    for (const { line } of this.#input?.series ?? []) {
      if (line.length === 0) continue;
      from = Math.min(from, at(line.x, 0));
      to = Math.max(to, at(line.x, line.length - 1));
    }
    if (from > to) return [0, 1];
    return from === to ? [from - 0.5, to + 0.5] : [from, to];
  }

  domain(): Domain {
    const full = this.full();
    if (this.#zoom === null) return full;
    const shown: Domain = [Math.max(full[0], this.#zoom[0]), Math.min(full[1], this.#zoom[1])];
    return shown[0] < shown[1] ? shown : full;
  }

  /** Shows `domain` as a person's choice. */
  choose(domain: Domain | null): void {
    this.#zoom = domain === null || isWhole(domain, this.full()) ? null : domain;
    this.events.onZoom(this.#zoom);
    this.events.onChange(true);
  }

  get innerWidth(): number {
    return Math.max(1, Math.floor(this.#size.width - margin.left - margin.right));
  }

  /** x value at a pixel counted from the plot's left edge. */
  valueAt(pixel: number): number {
    const [from, to] = this.domain();
    const share = Math.min(1, Math.max(0, (pixel - margin.left) / this.innerWidth));
    return from + share * (to - from);
  }

  get cursor(): number | null {
    return this.#cursor;
  }

  /** Index of the point nearest to `x` on the main line, and how many there are. */
  locate(x: number): { index: number; line: Line } | null {
    const line = this.#input?.series.at(-1)?.line;
    if (line === undefined || line.length === 0) return null;
    return { index: nearest(line, x), line };
  }

  /** Puts the crosshair at `x`, or takes it away. */
  point(x: number | null, announce = false): void {
    this.#cursor = x;
    this.#drawCursor();
    if (announce && x !== null) this.events.onRead(this.#readout.textContent);
  }

  /** Shows the range that is being dragged, in pixels from the plot's left edge. */
  showBrush(range: Domain | null): void {
    this.#brush.attr("visibility", range === null ? "hidden" : "visible");
    if (range === null) return;
    const clamp = (pixel: number): number => Math.min(margin.left + this.innerWidth, Math.max(margin.left, pixel));
    const [from, to] = [clamp(Math.min(...range)), clamp(Math.max(...range))];
    const height = Math.max(0, this.#size.height - margin.top - margin.bottom);
    this.#brush
      .attr("x", from)
      .attr("width", to - from)
      .attr("y", margin.top)
      .attr("height", height);
  }

  draw(theme: ChartTheme): void {
    const input = this.#input;
    const { width, height } = this.#size;
    if (input === null || width < margin.left + margin.right + 10 || height < margin.top + margin.bottom + 10) return;
    if (this.#title.textContent !== input.title) this.#title.textContent = input.title;
    const domain = this.domain();
    const area = this.#area();
    this.#y = scaleY(input, domain, area);
    this.#svg.attr("width", width).attr("height", height);
    drawAxes(input, domain, this.#y, area, theme, { x: this.#xAxis, y: this.#yAxis });
    this.#columns = drawCanvas(this.#canvas, this.#size, input, domain, this.#y, area, theme, this.#columns);
    this.#colours = theme.series;
    drawLegend(this.#legend, input.series, theme);
    this.#drawCursor();
    const summary = summaryText(input, domain);
    if (this.plot.getAttribute("aria-label") !== summary) this.plot.setAttribute("aria-label", summary);
  }

  #area(): Area {
    const { left, top, bottom } = margin;
    return { left, top, width: this.innerWidth, height: Math.max(0, this.#size.height - top - bottom) };
  }

  #drawCursor(): void {
    const input = this.#input;
    if (input === null) return;
    const point = this.#cursor === null ? null : this.locate(this.#cursor);
    this.#cross.attr("visibility", point === null ? "hidden" : "visible");
    this.#readout.textContent = point === null ? latestText(input) : pointText(input, at(point.line.x, point.index));
    if (point === null) return;
    const [from, to] = this.domain();
    const { left, top, width, height } = this.#area();
    const value = at(point.line.x, point.index);
    const x = left + ((value - from) / (to - from)) * width;
    const line = this.#cross.select("line").attr("x1", x).attr("x2", x);
    line.attr("y1", top).attr("y2", top + height);
    const dots = input.series.map((series) => ({ series, y: valueAt(series.line, value) })).filter(({ y }) => !Number.isNaN(y));
    const circles = this.#cross.selectAll("circle").data(dots).join("circle").attr("r", 3).attr("cx", x);
    circles.attr("cy", (dot) => this.#y(dot.y)).attr("fill", (dot) => this.#colours[dot.series.colour] ?? "currentColor");
  }
}
