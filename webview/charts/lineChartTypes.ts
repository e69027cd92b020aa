/** What a line chart takes and tells. */
import type { Domain } from "./domain.js";
import type { Line } from "./seriesBuffer.js";

export interface ChartSeries {
  readonly name: string;
  readonly line: Line;
  /** Which colour of the theme. */
  readonly colour: 0 | 1 | 2 | 3;
  /** Drawn faint, behind: the raw values of a smoothed line. */
  readonly faint: boolean;
  /** A line laid over for comparison: dashed where points are few, over an x of its own. */
  readonly other?: boolean;
  /** Whether single points get a dot; for lines of few points. */
  readonly dots?: boolean;
}

export interface LineChartInput {
  readonly title: string;
  /** The last one is the main line, whose points the crosshair visits. */
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

/** Where on a chart the lines are drawn, in pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}
