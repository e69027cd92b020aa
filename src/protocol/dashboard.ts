/**
 * Messages between the extension host and the dashboard webview.
 *
 * A view that was hidden gets a complete snapshot when it is shown again; `append` only ever follows a snapshot
 * of the same `epoch`. Series travel as typed arrays (structured clone), never as JSON numbers.
 */
import type { ControlRequest, StageName } from "./stages.js";
import type { Results } from "./results.js";
import type { RunSnapshot } from "./runSnapshot.js";

/** Columns of the metrics of one training stage, all of one length; NaN where a value was not reported. */
export interface MetricSeries {
  readonly stage: StageName;
  readonly step: Float64Array;
  /** Milliseconds since the epoch. */
  readonly time: Float64Array;
  readonly loss: Float64Array;
  readonly learningRate: Float64Array;
  readonly gradNorm: Float64Array;
  readonly tokensPerSecond: Float64Array;
  readonly memoryBytes: Float64Array;
}

export interface RunIdentity {
  readonly name: string;
  readonly directory: string;
  readonly model: string;
  readonly targetLength: number;
}

export type HostToDashboard =
  | {
      readonly type: "snapshot";
      readonly epoch: number;
      readonly identity: RunIdentity;
      readonly run: RunSnapshot;
      readonly series: readonly MetricSeries[];
      readonly results: Results | null;
      readonly notices: readonly string[];
    }
  | { readonly type: "append"; readonly epoch: number; readonly run: RunSnapshot; readonly series: readonly MetricSeries[] };

export type DashboardToHost =
  | { readonly type: "ready" }
  | { readonly type: "request"; readonly request: ControlRequest | "resume" }
  | { readonly type: "open"; readonly what: "report" | "recipe" | "log" | "checkpoint" };
