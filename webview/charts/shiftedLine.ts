/** A line moved along x, so that two runs of different days can lie over each other on a time axis. */
import type { Line } from "./seriesBuffer.js";

/** `line` with `offset` added to every x; as it is where nothing is to be moved. */
export function shiftedLine(line: Line, offset: number): Line {
  if (offset === 0 || Number.isNaN(offset)) return line;
  return { ...line, x: line.x.subarray(0, line.length).map((value) => value + offset) };
}
