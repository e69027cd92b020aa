/**
 * Thins a line to what a screen can show, and keeps its extremes: each pixel column gets the first, smallest, largest
 * and last value of its points (the M4 aggregation of Jugel et al., VLDB 2014, which draws the same pixels as the full line).
 */
import { at, lowerBound } from "./growable.js";
import type { Extent } from "./minMaxIndex.js";
import type { Line } from "./seriesBuffer.js";

/** Struct of arrays, reused from frame to frame; `x` in pixels, the rest in units of y. */
export interface Columns {
  count: number;
  x: Float64Array;
  first: Float64Array;
  min: Float64Array;
  max: Float64Array;
  last: Float64Array;
}

/** Room for `columns` pixel columns and the one point beyond either edge. */
export function makeColumns(columns: number): Columns {
  const size = columns + 2;
  const array = (): Float64Array => new Float64Array(size);
  return { count: 0, x: array(), first: array(), min: array(), max: array(), last: array() };
}

/** The shown part of the x axis: `from` at pixel 0, `to` at pixel `width`. */
export interface Viewport {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/**
 * Thins the points [start, end) of `line` into `into`; one point beyond either edge is kept so that the line reaches it.
 * `into` must come from `makeColumns(width)` of at least the viewport's width.
 */
export function decimate(line: Line, start: number, end: number, view: Viewport, into: Columns): void {
  into.count = 0;
  const perColumn = (view.to - view.from) / view.width;
  const visibleFrom = lowerBound(line.x, view.from, start, end);
  if (visibleFrom > start) add(line, visibleFrom - 1, visibleFrom, view, NaN, into);
  let cursor = visibleFrom;
  for (let column = 0; column < view.width && cursor < end; column++) {
    const edge = column === view.width - 1 ? view.to : view.from + (column + 1) * perColumn;
    const next = advance(line.x, edge, cursor, end);
    if (next > cursor) add(line, cursor, next, view, column + 0.5, into);
    cursor = next;
  }
  if (cursor === end) return;
  let beyond = cursor + 1;
  while (beyond < end && at(line.x, beyond) === view.to) beyond++;
  add(line, cursor, beyond, view, NaN, into);
}

/** Smallest and largest y among the points between `from` and `to` (units of x); min > max where there is none. */
export function extentBetween(line: Line, from: number, to: number): Extent {
  const extent = { min: Infinity, max: -Infinity };
  const start = lowerBound(line.x, from, 0, line.length);
  let end = lowerBound(line.x, to, start, line.length);
  while (end < line.length && at(line.x, end) === to) end++;
  line.index.widen(line.y, start, end, extent);
  return extent;
}

/** How many of the points [start, end) lie in `domain`. */
export function pointsBetween(line: Line, start: number, end: number, domain: readonly [number, number]): number {
  return lowerBound(line.x, domain[1], start, end) - lowerBound(line.x, domain[0], start, end);
}

/** Index of the point nearest to `x`; -1 for an empty line. */
export function nearest(line: Line, x: number): number {
  const after = lowerBound(line.x, x, 0, line.length);
  if (after === 0) return line.length > 0 ? 0 : -1;
  if (after === line.length) return after - 1;
  return x - at(line.x, after - 1) <= at(line.x, after) - x ? after - 1 : after;
}

/** As lowerBound, but cheap where the answer is near `from`, as it is from one column to the next. */
function advance(x: Float64Array, target: number, from: number, to: number): number {
  let stride = 1;
  let low = from;
  while (low + stride < to && at(x, low + stride) < target) {
    low += stride;
    stride *= 2;
  }
  return lowerBound(x, target, low, Math.min(to, low + stride + 1));
}

const scratch: Extent = { min: 0, max: 0 };

function add(line: Line, from: number, to: number, view: Viewport, centre: number, into: Columns): void {
  scratch.min = Infinity;
  scratch.max = -Infinity;
  line.index.widen(line.y, from, to, scratch);
  if (scratch.min > scratch.max) return;
  let first = from;
  while (Number.isNaN(at(line.y, first))) first++;
  let last = to - 1;
  while (Number.isNaN(at(line.y, last))) last--;
  const slot = into.count++;
  // A column of one point stands at that point's own place: short series would look stepped otherwise.
  into.x[slot] = first === last || Number.isNaN(centre) ? ((at(line.x, first) - view.from) / (view.to - view.from)) * view.width : centre;
  into.first[slot] = at(line.y, first);
  into.min[slot] = scratch.min;
  into.max[slot] = scratch.max;
  into.last[slot] = at(line.y, last);
}
