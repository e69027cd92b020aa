/**
 * Scored tokens of a text that is being edited: places shift with the edits, tokens that an edit touches are gone.
 *
 * Ten million tokens cannot be moved at every key press, so they never are: the text falls into pieces that each have
 * moved as a whole, and an edit cuts pieces. Knows nothing of VS Code.
 */
import { bisectLeft, bisector, bisectRight } from "d3-array";

/** Columns of one length, one entry a token, in text order: `starts` and `ends` ascend, not strictly. */
export interface ScoredTokens {
  /** UTF-16 offsets: token i is text.slice(starts[i], ends[i]). */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** NaN for a token that has none. */
  readonly score: Float32Array;
}

/** One replacement, in offsets of the text before it. */
export interface Edit {
  readonly offset: number;
  readonly removed: number;
  readonly inserted: number;
}

/** Tokens [first, end), moved by `shift`. Never empty. */
interface Piece {
  readonly first: number;
  readonly end: number;
  readonly shift: number;
}

/** Called with a token's number and place; false ends the walk. */
export type TokenVisitor = (token: number, start: number, end: number) => boolean | undefined;

export class ShiftedTokens {
  private constructor(
    readonly tokens: ScoredTokens,
    private readonly pieces: readonly Piece[],
    /** From this offset on, scores were made for another text before them; Infinity where nothing has changed. */
    readonly staleFrom: number,
  ) {}

  /** Tokens of a text as it was scored. */
  static fresh(tokens: ScoredTokens): ShiftedTokens {
    const end = tokens.starts.length;
    return new ShiftedTokens(tokens, end === 0 ? [] : [{ first: 0, end, shift: 0 }], Infinity);
  }

  /** Tokens that are left. */
  get count(): number {
    return this.pieces.reduce((sum, { first, end }) => sum + end - first, 0);
  }

  /** The tokens after edits that do not overlap, all in offsets of the text before any of them. */
  edit(edits: readonly Edit[]): ShiftedTokens {
    let { pieces, staleFrom } = this;
    // From the last to the first: what comes before an edit has not moved yet.
    for (const edit of [...edits].sort((a, b) => b.offset - a.offset || b.removed - a.removed)) {
      pieces = cut(this.tokens, pieces, edit);
      staleFrom = Math.min(staleFrom, edit.offset);
    }
    return new ShiftedTokens(this.tokens, pieces, staleFrom);
  }

  /** The same tokens, all of them stale. */
  allStale(): ShiftedTokens {
    return new ShiftedTokens(this.tokens, this.pieces, 0);
  }

  /** Whether a token that begins at `start` has a score for what now stands before it. */
  isStale(start: number): boolean {
    return start >= this.staleFrom;
  }

  /** Walks the tokens that share a character with [from, to), in text order. */
  walk(from: number, to: number, visit: TokenVisitor): void {
    const { starts, ends } = this.tokens;
    for (let at = this.pieceEndingAfter(from); at < this.pieces.length; at++) {
      const { first, end, shift } = this.piece(at);
      for (let token = bisectRight(ends, from - shift, first, end); token < end; token++) {
        const start = (starts[token] ?? 0) + shift;
        if (start >= to) return;
        if (visit(token, start, (ends[token] ?? 0) + shift) === false) return;
      }
    }
  }

  /** Walks the tokens that end at or before `to`, backwards. */
  walkBack(to: number, visit: TokenVisitor): void {
    const { starts, ends } = this.tokens;
    for (let at = Math.min(this.pieceEndingAfter(to), this.pieces.length - 1); at >= 0; at--) {
      const { first, end, shift } = this.piece(at);
      for (let token = bisectRight(ends, to - shift, first, end) - 1; token >= first; token--) {
        if (visit(token, (starts[token] ?? 0) + shift, (ends[token] ?? 0) + shift) === false) return;
      }
    }
  }

  /** The token at a character, with its place, or null. Of several (bytes of one character) the one with the highest score. */
  at(offset: number): PlacedToken | null {
    let best: PlacedToken | null = null;
    this.walk(offset, offset + 1, (token, start, end) => {
      const score = this.tokens.score[token] ?? Number.NaN;
      if (best === null || !(score <= best.score)) best = { token, start, end, score };
      return undefined;
    });
    return best;
  }

  /** Where a token stands now; null when it is gone. */
  place(token: number): PlacedToken | null {
    const piece = this.pieces.find(({ first, end }) => first <= token && token < end);
    if (piece === undefined) return null;
    const { starts, ends, score } = this.tokens;
    return {
      token,
      start: (starts[token] ?? 0) + piece.shift,
      end: (ends[token] ?? 0) + piece.shift,
      score: score[token] ?? Number.NaN,
    };
  }

  /** From the start of the first to the end of the last token that is left of [first, end); null when none is. */
  span(first: number, end: number): { readonly start: number; readonly end: number; readonly whole: boolean } | null {
    let start = -1;
    let last = -1;
    let left = 0;
    for (const piece of this.pieces) {
      const from = Math.max(first, piece.first);
      const to = Math.min(end, piece.end);
      if (from >= to) continue;
      if (start === -1) start = (this.tokens.starts[from] ?? 0) + piece.shift;
      last = (this.tokens.ends[to - 1] ?? 0) + piece.shift;
      left += to - from;
    }
    return start === -1 ? null : { start, end: last, whole: left === end - first };
  }

  private piece(at: number): Piece {
    return this.pieces[at] ?? { first: 0, end: 0, shift: 0 };
  }

  /** The first piece whose last token ends after `offset`. */
  private pieceEndingAfter(offset: number): number {
    return bisector(({ end, shift }: Piece) => (this.tokens.ends[end - 1] ?? 0) + shift).right(this.pieces, offset);
  }
}

export interface PlacedToken {
  readonly token: number;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/** Takes out what touches the edit, and moves what comes after it. */
function cut({ starts, ends }: ScoredTokens, pieces: readonly Piece[], { offset, removed, inserted }: Edit): Piece[] {
  const delta = inserted - removed;
  const left: Piece[] = [];
  for (const { first, end, shift } of pieces) {
    // A token next to the edit may have become part of another word: it goes too.
    const before = bisectLeft(ends, offset - shift, first, end);
    const after = bisectRight(starts, offset + removed - shift, before, end);
    if (first < before) left.push({ first, end: before, shift });
    if (after < end) left.push({ first: after, end, shift: shift + delta });
  }
  return left;
}

/**
 * Makes places ascend, in place. Tokenizers may put tokens without text of their own (end of text) at 0: those come to
 * stand where the token before them ends, without a character.
 */
export function sortPlaces(starts: Int32Array, ends: Int32Array, from = 0, to = starts.length): void {
  let start = from === 0 ? 0 : (starts[from - 1] ?? 0);
  let end = from === 0 ? 0 : (ends[from - 1] ?? 0);
  for (let token = from; token < to; token++) {
    const at = starts[token] ?? 0;
    if (at < start) starts[token] = ends[token] = end;
    else if ((ends[token] ?? 0) < end) ends[token] = end;
    start = starts[token] ?? 0;
    end = ends[token] ?? 0;
  }
}
