/** The line that marks a length of meaning (W, T) in a chart, with its name above it. */
import type { Selection } from "../d3.js";

export interface BorderFrame {
  /** Pixels from the left. */
  readonly place: number;
  readonly name: string;
  /** Pixels from the top of the drawing to the top and the bottom of the plot. */
  readonly top: number;
  readonly bottom: number;
}

/** Draws line and name into `border`. */
export function drawBorder(border: Selection<SVGGElement, unknown, null, undefined>, { place, name, top, bottom }: BorderFrame): void {
  border
    .append("line")
    .attr("x1", place)
    .attr("x2", place)
    .attr("y1", top - 6)
    .attr("y2", bottom);
  border
    .append("text")
    .attr("text-anchor", "end")
    .attr("x", place - 3)
    .attr("y", top - 8)
    .text(name);
}
