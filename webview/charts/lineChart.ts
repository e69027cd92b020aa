/** A line chart: the lines on a canvas, axes and crosshair in SVG over it. Zoom, pan and keyboard are in lineChartInput.ts. */
import { axisBottom, axisLeft, format, scaleLinear, scaleLog, scaleTime, select, type ScaleContinuousNumeric, type ScaleTime } from "d3";
import type { ChartTheme } from "./chartTheme.js";
import { decimate, extentBetween, makeColumns, nearest, type Columns, type Viewport } from "./decimate.js";
import { isWhole, padded, type Domain } from "./domain.js";
import { at } from "./growable.js";
import { strokeColumns } from "./strokes.js";
import type { Line } from "./seriesBuffer.js";
import { attachLineChartInput } from "./lineChartInput.js";

export interface ChartSeries {
  readonly name: string;
  readonly line: Line;
  /** Which colour of the theme. */
  readonly colour: 0 | 1 | 2 | 3;
  /** Drawn faint, behind: the raw values of a smoothed line. */
  readonly faint: boolean;
}

export interface LineChartInput {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly axis: "step" | "time";
  readonly log: boolean;
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
  readonly formatTick: (y: number) => string;
}

export interface LineChartEvents {
  /** A person chose what to show; null: everything. */
  readonly onZoom: (domain: Domain | null) => void;
  /** Something must be drawn; `dragging`: at once. */
  readonly onChange: (dragging: boolean) => void;
  /** Values under the keyboard crosshair, for screen readers. */
  readonly onRead: (text: string) => void;
}

type XScale = ScaleContinuousNumeric<number, number> | ScaleTime<number, number>;
const margin = { top: 8, right: 12, bottom: 24, left: 60 };

export class LineChart {
  readonly element = document.createElement("figure");
  readonly plot = document.createElement("div");
  readonly #head = document.createElement("figcaption");
  readonly #title = document.createElement("h3");
  readonly #readout = document.createElement("span");
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
  #y: ScaleContinuousNumeric<number, number> = scaleLinear();

  constructor(readonly events: LineChartEvents) {
    this.element.className = "chart";
    this.plot.className = "plot";
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "img");
    this.#readout.className = "readout";
    this.#head.append(this.#title, this.#readout);
    this.#cross.append("line");
    this.plot.prepend(this.#canvas);
    this.element.append(this.#head, this.plot);
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
    const inner = { width: this.innerWidth, height: height - margin.top - margin.bottom };
    const domain = this.domain();
    const y = this.#scaleY(input, domain, inner.height);
    const range = [margin.left, margin.left + inner.width];
    const x = input.axis === "time" ? scaleTime(domain, range) : scaleLinear(domain, range);
    this.#y = y;
    this.#drawAxes(input, x, y, theme, inner.height);
    const context = this.#prepareCanvas(theme, y);
    if (context === null) return;
    const view = { from: domain[0], to: domain[1], width: inner.width };
    if (this.#columns.x.length < inner.width + 2) this.#columns = makeColumns(inner.width);
    const place = { left: margin.left, y, bottom: margin.top + inner.height };
    this.#drawGaps(context, input, view, theme);
    for (const series of [...input.series].sort((a, b) => Number(b.faint) - Number(a.faint))) {
      context.strokeStyle = theme.series[series.colour];
      context.fillStyle = theme.series[series.colour];
      context.globalAlpha = series.faint ? (theme.highContrast ? 0.5 : 0.35) : 1;
      context.lineWidth = series.faint ? 1 : 1.5;
      let start = 0;
      for (const end of [...series.line.gaps, series.line.length]) {
        decimate(series.line, start, end, view, this.#columns);
        strokeColumns(context, this.#columns, place);
        start = end;
      }
    }
    context.restore();
    this.#drawCursor(theme);
    this.#describe(input, domain);
  }

  #scaleY(input: LineChartInput, domain: Domain, height: number): ScaleContinuousNumeric<number, number> {
    const extent = { min: Infinity, max: -Infinity };
    for (const { line } of input.series) {
      const own = extentBetween(line, ...domain);
      extent.min = Math.min(extent.min, own.min);
      extent.max = Math.max(extent.max, own.max);
    }
    // A logarithmic axis cannot show zero: it begins four decades under the top, and what is lower sits on its edge.
    const log = input.log && extent.max > 0;
    if (log && extent.min <= 0) extent.min = extent.max * 1e-4;
    const ends = padded(extent.min, extent.max, log);
    const range = [margin.top + height, margin.top];
    return log ? scaleLog(ends, range) : scaleLinear(ends, range);
  }

  #drawAxes(input: LineChartInput, x: XScale, y: ScaleContinuousNumeric<number, number>, theme: ChartTheme, height: number): void {
    this.#svg.attr("width", this.#size.width).attr("height", this.#size.height);
    const across = Math.max(2, Math.floor(this.innerWidth / 90));
    const bottom =
      input.axis === "time"
        ? axisBottom(x as ScaleTime<number, number>).ticks(across)
        : axisBottom(x as ScaleContinuousNumeric<number, number>)
            .ticks(across)
            .tickFormat((value) => (Number.isInteger(value.valueOf()) ? format(",")(value.valueOf()) : ""));
    this.#xAxis.attr("transform", `translate(0,${margin.top + height})`).call(bottom.tickSizeOuter(0).tickSizeInner(4));
    const left = axisLeft(y)
      .tickValues(ticksY(y, Math.max(2, Math.floor(height / 44))))
      .tickFormat((value) => input.formatTick(value.valueOf()))
      .tickSize(0)
      .tickPadding(8);
    this.#yAxis.attr("transform", `translate(${margin.left},0)`).call(left);
    this.#yAxis.select(".domain").remove();
    for (const axis of [this.#xAxis, this.#yAxis])
      axis.attr("font-family", theme.fontFamily).attr("font-size", Math.max(10, theme.fontSize - 2));
  }

  #prepareCanvas(theme: ChartTheme, y: ScaleContinuousNumeric<number, number>): CanvasRenderingContext2D | null {
    const ratio = window.devicePixelRatio;
    const { width, height } = this.#size;
    const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== pixelsX) this.#canvas.width = pixelsX;
    if (this.#canvas.height !== pixelsY) this.#canvas.height = pixelsY;
    const context = this.#canvas.getContext("2d");
    if (context === null) return null;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.strokeStyle = theme.grid;
    context.lineWidth = 1;
    context.beginPath();
    for (const tick of ticksY(y, Math.max(2, Math.floor((height - margin.top - margin.bottom) / 44)))) {
      const line = Math.round(y(tick)) + 0.5;
      context.moveTo(margin.left, line);
      context.lineTo(margin.left + this.innerWidth, line);
    }
    context.stroke();
    context.save();
    context.beginPath();
    context.rect(margin.left, 0, this.innerWidth + margin.right, height - margin.bottom + 1);
    context.clip();
    context.lineJoin = "round";
    return context;
  }

  /** Where the run stood still: over steps a pause has no width, so it gets a line. */
  #drawGaps(context: CanvasRenderingContext2D, input: LineChartInput, view: Viewport, theme: ChartTheme): void {
    const main = input.series.at(-1)?.line;
    if (main === undefined || input.axis === "time") return;
    context.save();
    context.strokeStyle = theme.muted;
    context.setLineDash([2, 3]);
    context.beginPath();
    for (const gap of main.gaps) {
      const between = (at(main.x, gap - 1) + at(main.x, gap)) / 2;
      const x = Math.round(margin.left + ((between - view.from) / (view.to - view.from)) * view.width) + 0.5;
      context.moveTo(x, margin.top);
      context.lineTo(x, this.#size.height - margin.bottom);
    }
    context.stroke();
    context.restore();
  }

  #drawCursor(theme?: ChartTheme): void {
    const input = this.#input;
    if (input === null) return;
    const point = this.#cursor === null ? null : this.locate(this.#cursor);
    this.#cross.attr("visibility", point === null ? "hidden" : "visible");
    if (point === null) {
      this.#readout.textContent = latestText(input);
      return;
    }
    const [from, to] = this.domain();
    const value = at(point.line.x, point.index);
    const x = margin.left + ((value - from) / (to - from)) * this.innerWidth;
    this.#cross
      .select("line")
      .attr("x1", x)
      .attr("x2", x)
      .attr("y1", margin.top)
      .attr("y2", this.#size.height - margin.bottom);
    const dots = input.series.map((series) => ({ series, y: at(series.line.y, point.index) })).filter(({ y }) => !Number.isNaN(y));
    const circles = this.#cross.selectAll("circle").data(dots).join("circle").attr("r", 3).attr("cx", x);
    circles.attr("cy", (dot) => this.#y(dot.y));
    if (theme !== undefined) circles.attr("fill", (dot) => theme.series[dot.series.colour]);
    const values = dots.map((dot) => `${dot.series.name} ${input.formatY(dot.y)}`);
    this.#readout.textContent = [input.formatX(value), ...values].join(" · ");
  }

  #describe(input: LineChartInput, domain: Domain): void {
    const main = input.series.at(-1);
    if (main === undefined || main.line.length === 0) return;
    const { min, max } = extentBetween(main.line, ...domain);
    const text =
      `${main.name}, ${input.title}: ${latestText(input)}; lowest ${input.formatY(min)}, highest ${input.formatY(max)}, ` +
      `${input.formatX(domain[0])} to ${input.formatX(domain[1])}. Arrow keys read values, plus and minus zoom, Escape resets.`;
    if (this.plot.getAttribute("aria-label") !== text) this.plot.setAttribute("aria-label", text);
  }
}

function latestText(input: LineChartInput): string {
  return input.series.map(({ name, line }) => `${name} ${input.formatY(line.length > 0 ? at(line.y, line.length - 1) : NaN)}`).join(" · ");
}

/** Ticks of a log axis come in decades with their 2 and 5; d3's own are either too many or too few. */
function ticksY(y: ScaleContinuousNumeric<number, number>, count: number): number[] {
  const ticks = y.ticks(count);
  return ticks.length <= count * 2 ? ticks : ticks.filter((tick) => /^[125]/.test(tick.toExponential()) && ticks.length / 3 <= count * 2);
}
