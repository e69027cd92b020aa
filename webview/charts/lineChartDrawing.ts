/** How a line chart is drawn: scales, axes in SVG, grid, gaps and lines on a canvas. */
import {
  axisBottom,
  axisLeft,
  format,
  scaleLinear,
  scaleLog,
  scaleTime,
  select,
  type ScaleContinuousNumeric,
  type Selection,
} from "../d3.js";
import type { ChartTheme } from "./chartTheme.js";
import { decimate, extentBetween, makeColumns, pointsBetween, type Columns } from "./decimate.js";
import { padded, type Domain } from "./domain.js";
import { at } from "./growable.js";
import type { Area, ChartSeries, LineChartInput } from "./lineChartTypes.js";
import type { Line } from "./seriesBuffer.js";
import { strokeColumns } from "./strokes.js";

export type YScale = ScaleContinuousNumeric<number, number>;
type Group = Selection<SVGGElement, unknown, null, undefined>;

/** The y axis for what is shown between the ends of `domain`. */
export function scaleY(input: LineChartInput, domain: Domain, { top, height }: Area): YScale {
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
  const range = [top + height, top];
  return log ? scaleLog(ends, range) : scaleLinear(ends, range);
}

/** Draws both axes into their groups. */
export function drawAxes(
  input: LineChartInput,
  domain: Domain,
  y: YScale,
  area: Area,
  theme: ChartTheme,
  groups: { x: Group; y: Group },
): void {
  const across = Math.max(2, Math.floor(area.width / 90));
  const range = [area.left, area.left + area.width];
  const whole = (step: number): string => (Number.isInteger(step) ? format(",")(step) : "");
  const bottom =
    input.axis === "time"
      ? axisBottom(scaleTime(domain, range)).ticks(across)
      : axisBottom<number>(scaleLinear(domain, range)).ticks(across).tickFormat(whole);
  groups.x.attr("transform", `translate(0,${area.top + area.height})`).call(bottom.tickSizeOuter(0).tickSizeInner(4));
  const left = axisLeft<number>(y).tickValues(ticksY(y, area.height)).tickFormat(input.formatTick).tickSize(0).tickPadding(8);
  groups.y.attr("transform", `translate(${area.left},0)`).call(left).select(".domain").remove();
  const size = Math.max(10, theme.fontSize - 2);
  for (const group of [groups.x, groups.y]) group.attr("font-family", theme.fontFamily).attr("font-size", size);
}

/** Fits the canvas to its box and the screen's pixels; draws grid, gaps and lines. `columns` is reused where it is large enough. */
export function drawCanvas(
  canvas: HTMLCanvasElement,
  size: { readonly width: number; readonly height: number },
  input: LineChartInput,
  domain: Domain,
  y: YScale,
  area: Area,
  theme: ChartTheme,
  columns: Columns,
): Columns {
  const ratio = window.devicePixelRatio;
  const [pixelsX, pixelsY] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
  if (canvas.width !== pixelsX) canvas.width = pixelsX;
  if (canvas.height !== pixelsY) canvas.height = pixelsY;
  const context = canvas.getContext("2d");
  if (context === null) return columns;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  drawGrid(context, y, area, theme);
  drawGaps(context, input, domain, area, theme);
  context.save();
  context.beginPath();
  context.rect(area.left - 1, 0, area.width + 2, area.top + area.height + 1);
  context.clip();
  const fitting = columns.x.length < area.width + 2 ? makeColumns(area.width) : columns;
  drawLines(context, input, domain, y, area, theme, fitting);
  context.restore();
  return fitting;
}

function drawLines(
  context: CanvasRenderingContext2D,
  input: LineChartInput,
  domain: Domain,
  y: YScale,
  area: Area,
  theme: ChartTheme,
  columns: Columns,
): void {
  const view = { from: domain[0], to: domain[1], width: area.width };
  const placement = { left: area.left, y, bottom: area.top + area.height };
  context.lineJoin = "round";
  for (const { line, colour, faint, other, dots } of [...input.series].sort((a, b) => Number(b.faint) - Number(a.faint))) {
    context.strokeStyle = context.fillStyle = theme.series[colour];
    context.globalAlpha = faint ? (theme.highContrast ? 0.5 : 0.35) : 1;
    context.lineWidth = faint ? 1 : 1.5;
    context.setLineDash(other === true ? (dashes[colour] ?? []) : []);
    let start = 0;
    for (const end of [...line.gaps, line.length]) {
      decimate(line, start, end, view, columns);
      strokeColumns(context, columns, pointsBetween(line, start, end, domain), placement);
      start = end;
    }
    if (dots === true) drawDots(context, line, domain, y, area);
  }
}

/** Lines of other runs are told apart by their dashes too. */
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

function drawDots(context: CanvasRenderingContext2D, line: Line, [from, to]: Domain, y: YScale, area: Area): void {
  for (let index = 0; index < line.length; index++) {
    const place = at(line.x, index);
    if (place < from || place > to || Number.isNaN(at(line.y, index))) continue;
    context.beginPath();
    context.arc(area.left + ((place - from) / (to - from)) * area.width, y(at(line.y, index)), 2.5, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Names of the lines that are not faint, where there is more than one to tell apart. */
export function drawLegend(list: HTMLElement, series: readonly ChartSeries[], theme: ChartTheme): void {
  const named = series.filter(({ faint }) => !faint);
  const key = JSON.stringify([named.map(({ name, colour }) => [name, colour]), theme.series]);
  list.hidden = !named.some(({ other, dots }) => other === true || dots === true);
  if (list.dataset["key"] === key) return;
  list.dataset["key"] = key;
  const entries = select(list).selectAll("li").data(named).join("li");
  entries.selectAll("*").remove();
  const marks = entries.append("svg").attr("width", 18).attr("height", 8).attr("aria-hidden", "true");
  const strokes = marks.append("line").attr("x2", 18).attr("y1", 4).attr("y2", 4).attr("stroke-width", 2);
  strokes.attr("stroke", ({ colour }) => theme.series[colour]);
  strokes.attr("stroke-dasharray", ({ colour, other }) => (other === true ? (dashes[colour] ?? []).join(" ") : null));
  entries.append("span").text(({ name }) => name);
}

function drawGrid(context: CanvasRenderingContext2D, y: YScale, area: Area, theme: ChartTheme): void {
  context.strokeStyle = theme.grid;
  context.lineWidth = 1;
  context.beginPath();
  for (const tick of ticksY(y, area.height)) {
    const line = Math.round(y(tick)) + 0.5;
    context.moveTo(area.left, line);
    context.lineTo(area.left + area.width, line);
  }
  context.stroke();
}

/** Where the run stood still: over steps a pause has no width, so it gets a line. */
function drawGaps(context: CanvasRenderingContext2D, input: LineChartInput, [from, to]: Domain, area: Area, theme: ChartTheme): void {
  const main = input.series.at(-1)?.line;
  if (main === undefined || input.axis === "time") return;
  context.save();
  context.strokeStyle = theme.muted;
  context.setLineDash([2, 3]);
  context.beginPath();
  for (const gap of main.gaps) {
    const between = (at(main.x, gap - 1) + at(main.x, gap)) / 2;
    if (between < from || between > to) continue;
    const x = Math.round(area.left + ((between - from) / (to - from)) * area.width) + 0.5;
    context.moveTo(x, area.top);
    context.lineTo(x, area.top + area.height);
  }
  context.stroke();
  context.restore();
}

/** About one tick in 44 pixels; within a few decades a logarithmic scale has ninefold, of which 1, 2 and 5 say enough. */
function ticksY(y: YScale, height: number): number[] {
  const count = Math.max(2, Math.floor(height / 44));
  const ticks = y.ticks(count);
  if (ticks.length <= count * 2) return ticks;
  const few = ticks.filter((tick) => /^[125]e|^[125]\.0*e/.test(tick.toExponential()));
  return few.length <= count * 2 ? few : ticks.filter((tick) => tick.toExponential().startsWith("1e"));
}
