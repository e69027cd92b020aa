/** A line of a few dozen pixels without axes: the shape of a metric at a glance. */
import { scaleLinear } from "../d3.js";
import type { ChartTheme } from "./chartTheme.js";
import { decimate, extentBetween, makeColumns } from "./decimate.js";
import { padded } from "./domain.js";
import { at } from "./growable.js";
import type { Line } from "./seriesBuffer.js";
import { strokeColumns } from "./strokes.js";

/** Draws `line` over the whole of `canvas`; clears it for an empty one. */
export function drawSparkline(canvas: HTMLCanvasElement, line: Line | undefined, theme: ChartTheme, colour: 0 | 1 | 2 | 3): void {
  const ratio = window.devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixelsX) canvas.width = pixelsX;
  if (canvas.height !== pixelsY) canvas.height = pixelsY;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  if (line === undefined || line.length === 0 || width < 4) return;
  const from = at(line.x, 0);
  const to = at(line.x, line.length - 1);
  const { min, max } = extentBetween(line, from, to);
  const y = scaleLinear()
    .domain(padded(min, max, false))
    .range([height - 1, 1]);
  const columns = makeColumns(Math.floor(width));
  decimate(line, 0, line.length, { from, to: to > from ? to : from + 1, width: Math.floor(width) }, columns);
  context.strokeStyle = theme.series[colour];
  context.fillStyle = theme.series[colour];
  context.lineWidth = 1.25;
  context.lineJoin = "round";
  strokeColumns(context, columns, line.length, { left: 0, y, bottom: height - 1 });
}
