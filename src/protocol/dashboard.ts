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
  /** Share of the device's peak, 0 to 1. */
  readonly modelFlopsUtilization: Float64Array;
}

export interface RunIdentity {
  readonly name: string;
  readonly directory: string;
  readonly model: string;
  readonly targetLength: number;
  /** W: the original window; null until a stage has said it. */
  readonly window: number | null;
}

/** Another run of the workspace, whose curves can be laid over this run's. */
export interface OtherRun {
  readonly directory: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

/** What an hour on this machine costs, as the settings say. */
export interface Price {
  readonly perHour: number;
  /** Shown after the amount: a sign or a code. */
  readonly currency: string;
}

/** The newest lines that runner and worker have printed. */
export interface LogTail {
  /** File name, below the run directory. */
  readonly file: string;
  readonly lines: readonly string[];
}

/** What is true of the whole run and may change at any time. */
export interface RunFacts {
  readonly others: readonly OtherRun[];
  readonly price: Price | null;
  /** Seconds that stages took in earlier runs of the same model and target, for those that have yet to come. */
  readonly expectedSeconds: Readonly<Partial<Record<StageName, number>>>;
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
      readonly facts: RunFacts;
    }
  | { readonly type: "append"; readonly epoch: number; readonly run: RunSnapshot; readonly series: readonly MetricSeries[] }
  /** All curves of the runs that were asked for, whole; they replace those sent before. */
  | { readonly type: "compared"; readonly runs: readonly { readonly directory: string; readonly series: readonly MetricSeries[] }[] }
  | { readonly type: "log"; readonly tail: LogTail };

/** Formats in which a picture can be kept. */
export const pictureFormats = ["png", "svg", "csv"] as const;
export type PictureFormat = (typeof pictureFormats)[number];

export type DashboardToHost =
  | { readonly type: "ready" }
  | { readonly type: "request"; readonly request: ControlRequest | "resume" | "retry" }
  | { readonly type: "open"; readonly what: "report" | "recipe" | "log" | "checkpoint" | "samples" }
  /** Directories of the runs to lay over this one; none ends it. */
  | { readonly type: "compare"; readonly directories: readonly string[] }
  /** Whether the log's last lines are wanted. */
  | { readonly type: "log"; readonly wanted: boolean }
  /** Opens the exact prompt of a trial. */
  | { readonly type: "prompt"; readonly promptHash: string }
  /** Keeps a picture where the person says. Text for SVG and CSV, bytes for PNG. */
  | { readonly type: "export"; readonly format: PictureFormat; readonly name: string; readonly data: string | Uint8Array };
