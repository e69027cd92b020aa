/**
 * Messages between the extension host and the view "Impactful Tokens" of the side bar.
 *
 * Every message of the host is the whole state; while the slider is dragged the page does not wait for it.
 */

/** How the scores are spread, in equal steps from `from` to `to`; outliers count in the first and last step. */
export interface ScoreHistogram {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

export interface ThresholdState {
  readonly type: "state";
  readonly enabled: boolean;
  /** Share of the tokens that count as impactful. */
  readonly share: number;
  readonly least: number;
  readonly most: number;
  /** Name of the file in the active editor; null where there is none. */
  readonly file: string | null;
  /** How the file stands with its scores, in the person's language. */
  readonly status: string;
  readonly warning: boolean;
  /** Where scores are taken from. */
  readonly source: string;
  readonly histogram: ScoreHistogram | null;
  /** Scores at the shares `least`, `least` + 0.01, ... `most`; empty without scores. */
  readonly thresholds: readonly number[];
  readonly counts: { readonly tokens: number; readonly impactful: number } | null;
  /** Share that the run itself selects by; null where there is none. */
  readonly ownShare: number | null;
}

export type HostToThreshold = ThresholdState;

export type ThresholdToHost =
  | { readonly type: "ready" }
  | { readonly type: "share"; readonly share: number }
  | { readonly type: "do"; readonly what: "toggle" | "choose" | "next" | "previous" | "why" | "export" };
