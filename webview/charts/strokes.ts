/** Puts thinned columns on a canvas. */
import type { ScaleContinuousNumeric } from "d3";
import type { Columns } from "./decimate.js";
import { at } from "./growable.js";

export interface Placement {
  /** Pixels from the canvas's left edge to column 0. */
  readonly left: number;
  readonly y: ScaleContinuousNumeric<number, number>;
  /** Where values go that a logarithmic axis cannot show. */
  readonly bottom: number;
}

/** Strokes the line through `columns`; a line of one point becomes a dot. */
export function strokeColumns(context: CanvasRenderingContext2D, columns: Columns, { left, y, bottom }: Placement): void {
  if (columns.count === 0) return;
  const place = (value: number): number => {
    const pixel = y(value);
    return Number.isFinite(pixel) ? Math.min(pixel, bottom) : bottom;
  };
  context.beginPath();
  if (columns.count === 1 && at(columns.min, 0) === at(columns.max, 0)) {
    context.arc(left + at(columns.x, 0), place(at(columns.min, 0)), 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  for (let column = 0; column < columns.count; column++) {
    const x = left + at(columns.x, column);
    const first = place(at(columns.first, column));
    if (column === 0) context.moveTo(x, first);
    else context.lineTo(x, first);
    if (at(columns.min, column) === at(columns.max, column)) continue;
    context.lineTo(x, place(at(columns.min, column)));
    context.lineTo(x, place(at(columns.max, column)));
    context.lineTo(x, place(at(columns.last, column)));
  }
  context.stroke();
}
