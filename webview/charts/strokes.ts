/** Puts thinned columns on a canvas. */
import type { ScaleContinuousNumeric } from "../d3.js";
import type { Columns } from "./decimate.js";
import { at } from "./growable.js";

export interface Placement {
  /** Pixels from the canvas's left edge to column 0. */
  readonly left: number;
  readonly y: ScaleContinuousNumeric<number, number>;
  /** Where values go that a logarithmic axis cannot show. */
  readonly bottom: number;
}

/** A column of this many points is drawn as a bar: its line would go up and down within one pixel. */
const dense = 3;

/** Draws the line through `columns`, thinned from `points` points; a line of one point becomes a dot. */
export function strokeColumns(context: CanvasRenderingContext2D, columns: Columns, points: number, placement: Placement): void {
  if (columns.count === 0) return;
  if (columns.count === 1 && at(columns.min, 0) === at(columns.max, 0)) {
    context.beginPath();
    context.arc(placement.left + at(columns.x, 0), place(at(columns.min, 0), placement), 2, 0, 2 * Math.PI);
    context.fill();
  } else if (points >= dense * columns.count) {
    bars(context, columns, placement);
  } else {
    path(context, columns, placement);
  }
}

function path(context: CanvasRenderingContext2D, columns: Columns, placement: Placement): void {
  context.beginPath();
  for (let column = 0; column < columns.count; column++) {
    const x = placement.left + at(columns.x, column);
    const first = place(at(columns.first, column), placement);
    if (column === 0) context.moveTo(x, first);
    else context.lineTo(x, first);
    if (at(columns.min, column) === at(columns.max, column)) continue;
    context.lineTo(x, place(at(columns.min, column), placement));
    context.lineTo(x, place(at(columns.max, column), placement));
    context.lineTo(x, place(at(columns.last, column), placement));
  }
  context.stroke();
}

/** The same pixels as `path`, ten times as fast: upright bars on the pixel grid need no stroking, joining or smoothing. */
function bars(context: CanvasRenderingContext2D, columns: Columns, placement: Placement): void {
  const least = context.lineWidth;
  let previous = place(at(columns.first, 0), placement);
  for (let column = 0; column < columns.count; column++) {
    const first = place(at(columns.first, column), placement);
    // Each bar reaches half the way to its neighbour, so that the line is whole.
    const joint = (previous + first) / 2;
    const top = Math.min(place(at(columns.max, column), placement), joint);
    const bottom = Math.max(place(at(columns.min, column), placement), joint);
    const height = Math.max(least, bottom - top);
    context.fillRect(Math.floor(placement.left + at(columns.x, column)), (top + bottom - height) / 2, 1, height);
    previous = place(at(columns.last, column), placement);
  }
}

function place(value: number, { y, bottom }: Placement): number {
  const pixel = y(value);
  return Number.isFinite(pixel) ? Math.min(pixel, bottom) : bottom;
}
