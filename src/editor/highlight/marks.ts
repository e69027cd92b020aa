/** What is known of one document's tokens, wherever it comes from. */
import type { ScoreDistribution } from "./ranks.js";
import type { Probabilities } from "./runScores.js";
import type { ShiftedTokens } from "./tokens.js";

/** Where scores come from, and what else their source knows. */
export interface ScoreOrigin {
  readonly kind: "run" | "live";
  /** The run's name; empty for the live scorer. */
  readonly name: string;
  /** Share of all tokens that the run itself counts as impactful, with its exact threshold; null where there is none. */
  readonly selection: { readonly share: number; readonly threshold: number } | null;
  probabilities(token: number): Promise<Probabilities | null>;
  /** In how many of how many samples a sentence was kept; null where that is not known. */
  keptIn(sentence: number): Promise<{ readonly kept: number; readonly samples: number } | null>;
  /** Share of the corpus's sentences that rank before one of this density; null where that is not known. */
  rank(density: number): Promise<number | null>;
}

export interface Marks {
  readonly tokens: ShiftedTokens;
  /** First token of each sentence. */
  readonly firsts: Int32Array;
  /** Scores of the corpus, or live of the text itself: ranks are among them. */
  readonly distribution: ScoreDistribution;
  readonly origin: ScoreOrigin;
  /** Whether the file is another one than was scored. */
  readonly stale: boolean;
}

/** How a document stands with its scores. */
export type MarksState =
  | { readonly kind: "off" }
  | { readonly kind: "reading" }
  /** `done`: share of the text that has been scored. */
  | { readonly kind: "scoring"; readonly done: number }
  | { readonly kind: "ready" }
  /** The file has changed since it was scored. */
  | { readonly kind: "stale" }
  /** No scores; `why` says so to a person. `unsupported`: a run has some, but a file of this kind cannot be marked. */
  | { readonly kind: "none"; readonly why: string; readonly unsupported?: true };
