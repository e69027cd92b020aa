/** The lines of other runs in a chart of one stage. */
import type { ChartSeries } from "../charts/lineChartTypes.js";
import type { AxisName, MetricName, SeriesBuffer } from "../charts/seriesBuffer.js";
import { shiftedLine } from "../charts/shiftedLine.js";
import type { ComparedRun } from "../store.js";

const colours = [1, 2, 3] as const;

/** One line a run that has the stage; over time, each begins when this run's stage began. `weight`: of smoothing, 0 for none. */
export function otherLines(
  own: SeriesBuffer,
  compared: readonly ComparedRun[],
  { metric, axis, weight }: { readonly metric: MetricName; readonly axis: AxisName; readonly weight: number },
): ChartSeries[] {
  return compared.slice(0, colours.length).flatMap(({ name, buffers }, place): ChartSeries[] => {
    const buffer = buffers.get(own.stage);
    const colour = colours[place];
    if (buffer === undefined || buffer.length === 0 || colour === undefined) return [];
    const line = weight > 0 ? buffer.smoothed(metric, axis, weight) : buffer.line(metric, axis);
    return [
      { name, line: axis === "time" ? shiftedLine(line, own.firstTime - buffer.firstTime) : line, colour, faint: false, other: true },
    ];
  });
}
