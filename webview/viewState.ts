/** What a person chose to see: kept by VS Code across hiding, reloads and restarts. */
import type { Domain } from "./charts/domain.js";
import { metricNames, type AxisName, type MetricName } from "./charts/seriesBuffer.js";
import { stageNames, type StageName } from "../src/protocol/stages.js";

/** Weights of the past in the moving average, by the name in the list. */
export const smoothings = { off: 0, light: 0.6, medium: 0.9, strong: 0.98 } as const;
export type Smoothing = keyof typeof smoothings;
export const smoothingNames = Object.keys(smoothings) as readonly Smoothing[];

export interface ViewState {
  readonly metric: MetricName;
  readonly axis: AxisName;
  readonly smoothing: Smoothing;
  readonly log: boolean;
  /** Shown part of the x axis by stage; a stage that is not here is shown whole. */
  readonly zoom: Readonly<Partial<Record<StageName, Domain>>>;
  /** Results as tables of numbers instead of pictures. */
  readonly tables: boolean;
  /** Retrieval task in the heat map; null: the first there is. */
  readonly task: string | null;
  /** Heat maps as differences to the base. */
  readonly difference: boolean;
  /** Directories of the runs laid over this one. */
  readonly compared: readonly string[];
  /** Whether the log is unfolded, and whether it follows what is written. */
  readonly logOpen: boolean;
  readonly follow: boolean;
}

export const initialViewState: ViewState = {
  metric: "loss",
  axis: "step",
  smoothing: "medium",
  log: false,
  zoom: {},
  tables: false,
  task: null,
  difference: false,
  compared: [],
  logOpen: false,
  follow: true,
};

/** Reads a state that an older version of this page may have written; what does not fit falls back to the initial choice. */
export function parseViewState(value: unknown): ViewState {
  if (typeof value !== "object" || value === null) return initialViewState;
  const stored = value as Readonly<Record<string, unknown>>;
  return {
    metric: oneOf(metricNames, stored["metric"]) ?? initialViewState.metric,
    axis: oneOf(["step", "time"] as const, stored["axis"]) ?? initialViewState.axis,
    smoothing: oneOf(smoothingNames, stored["smoothing"]) ?? initialViewState.smoothing,
    log: stored["log"] === true,
    zoom: parseZoom(stored["zoom"]),
    tables: stored["tables"] === true,
    task: typeof stored["task"] === "string" ? stored["task"] : null,
    difference: stored["difference"] === true,
    compared: Array.isArray(stored["compared"]) ? stored["compared"].filter((entry) => typeof entry === "string") : [],
    logOpen: stored["logOpen"] === true,
    follow: stored["follow"] !== false,
  };
}

function parseZoom(value: unknown): ViewState["zoom"] {
  if (typeof value !== "object" || value === null) return {};
  const zoom: Partial<Record<StageName, Domain>> = {};
  for (const stage of stageNames) {
    const domain: unknown = (value as Readonly<Record<string, unknown>>)[stage];
    if (!Array.isArray(domain)) continue;
    const [from, to] = domain as readonly unknown[];
    if (typeof from === "number" && typeof to === "number" && from < to) zoom[stage] = [from, to];
  }
  return zoom;
}

function oneOf<T extends string>(names: readonly T[], value: unknown): T | null {
  return names.find((name) => name === value) ?? null;
}
