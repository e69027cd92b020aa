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
}

export interface LineChartInput {
  readonly title: string;
  /** All over the same x; the last one is the main line. */
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
