/** A line from few points that are all there: what a line chart draws, without a growing buffer behind it. */
import { MinMaxIndex } from "./minMaxIndex.js";
import type { Line } from "./seriesBuffer.js";

/** `x` ascending; NaN in `y` is a hole. */
export function pointLine(x: readonly number[], y: readonly number[]): Line {
  const values = Float64Array.from(y);
  const index = new MinMaxIndex();
  index.extend(values, values.length);
  return { x: Float64Array.from(x), y: values, length: values.length, index, gaps: [] };
}
