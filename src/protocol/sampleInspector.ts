/**
 * Messages between the extension host and the sample inspector.
 *
 * The host reads one sample at a time from the run's tables; what it sends of it is whole.
 */

/** For the extension, or for replay. */
export const sampleSets = ["extend", "replay"] as const;
export type SampleSet = (typeof sampleSets)[number];

/** One sample; arrays have one entry a token unless they say otherwise. */
export interface InspectedSample {
  readonly set: SampleSet;
  readonly sample: number;
  /** Position index of each token, ascending from 0. */
  readonly positions: Int32Array;
  /** First token of each segment. */
  readonly segments: Int32Array;
  /** The tokens' text, one after the other; empty where the run does not say where its samples come from. */
  readonly text: string;
  /** Token i is text.slice(starts[i], ends[i]), in UTF-16 code units; empty with the text. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Significance; NaN where a token has none. Empty where nothing is known. */
  readonly score: Float32Array;
  /** From which score on a token counts as impactful; null where nothing is known. */
  readonly threshold: number | null;
  /** Documents that the tokens come from, in order: from token `token` on. */
  readonly sources: readonly { readonly token: number; readonly path: string; readonly offset: number }[];
}

export interface InspectedRun {
  readonly name: string;
  readonly directory: string;
  /** W, where known, and T. */
  readonly window: number | null;
  readonly targetLength: number;
  readonly sets: readonly { readonly set: SampleSet; readonly samples: number }[];
}

export type HostToInspector =
  | { readonly type: "snapshot"; readonly run: InspectedRun; readonly sample: InspectedSample | null; readonly notices: readonly string[] }
  | { readonly type: "sample"; readonly sample: InspectedSample; readonly notices: readonly string[]; readonly query: string | null }
  /** Nothing was found, or reading failed: what is shown stays. */
  | { readonly type: "notice"; readonly text: string };

export type InspectorToHost =
  /** `set` and `sample`: what was shown before the page was hidden. */
  | { readonly type: "ready"; readonly set: SampleSet; readonly sample: number }
  | { readonly type: "pick"; readonly set: SampleSet; readonly sample: number }
  | { readonly type: "random"; readonly set: SampleSet }
  /** The next sample after `after` that holds `text`, beginning again at the end. */
  | { readonly type: "search"; readonly set: SampleSet; readonly text: string; readonly after: number }
  /** Opens a document of the corpus at a character. */
  | { readonly type: "open"; readonly path: string; readonly offset: number };
