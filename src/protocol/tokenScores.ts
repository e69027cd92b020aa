/**
 * Significance of the tokens of one text, as the editor shows it. It comes from a run's significance table or from the
 * in-editor scorer; whoever shows it need not know which.
 */

/** Columns of one length, one entry a token, in text order. */
export interface TokenScores {
  /** Character offsets in UTF-16 code units: token i is text.slice(starts[i], ends[i]). */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Significance; NaN for a token that has none (a document's first). */
  readonly score: Float32Array;
  /** Log-probability of the token under the base and under the extended model. */
  readonly base: Float32Array;
  readonly extended: Float32Array;
}

/** What a live scorer is asked. `visible` (UTF-16 offsets) is scored first. */
export interface ScoreRequest {
  readonly text: string;
  readonly visible: { readonly start: number; readonly end: number };
}

/** A contiguous part of the text that has its scores now. Parts of one request never overlap; together they cover the text. */
export interface ScoredPart {
  readonly start: number;
  readonly end: number;
  readonly tokens: TokenScores;
}

/** A live scorer. @throws UserError through the iterator; aborting the signal ends it quietly. */
export interface TokenScorer {
  score(request: ScoreRequest, signal: AbortSignal): AsyncIterable<ScoredPart>;
}
