/**
 * Sentences by Unicode text segmentation (UAX #29, through Intl.Segmenter), for text in any script.
 *
 * Two things are added to the standard's rules: a single line break inside a hard-wrapped paragraph is no border, and
 * no sentence is longer than `maxSentence` (tables, code, base64 have no sentence ends).
 */

import { latinSentences } from "./sentenceRules.js";

/** Sentences, as UTF-16 offsets: sentence i is [starts[i], starts[i + 1]), the last ends with the text. */
export type SentenceStarts = Int32Array;

/** Longest sentence in UTF-16 units. */
export const maxSentence = 2_000;

/** V8's segmenter takes time quadratic in the length of its input: it gets the text in pieces of this length. */
const pieceLength = 2 * maxSentence;

let segmenter: Intl.Segmenter | undefined;

/**
 * Made for the first text that needs it: it takes some 10 ms, which VS Code would wait for when it starts.
 * The locale only adds suppressions where ICU has them; a fixed one makes every machine cut alike.
 */
function unicodeSegmenter(): Intl.Segmenter {
  return (segmenter ??= new Intl.Segmenter("en", { granularity: "sentence" }));
}

/** A line of this many UTF-16 units may have been broken by hand. */
const fullLine = 40;

/** What a line begins with that is no continuation: blanks, list items, headings, quotes, table rows. */
const freshLine = /[\s\-*+#>|=<\d]/u;
const nonSpace = /\S/u;

/** Cuts a text into sentences that tile it. Blank stretches belong to the sentence before them. */
export function segmentSentences(text: string): SentenceStarts {
  const flat = joinLines(text);
  const starts: number[] = [];
  let piece = 0;
  while (piece < flat.length) {
    const end = Math.min(flat.length, piece + pieceLength);
    const found = pieceSentences(flat, piece, end);
    for (const start of found.starts) starts.push(start);
    piece = found.next;
  }
  return Int32Array.from(joinBlank(flat, starts));
}

/** Puts blanks for line breaks after a full line, before a line that is neither blank nor begins anew; lengths stay. */
function joinLines(text: string): string {
  const pieces: string[] = [];
  let done = 0;
  let line = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at + 1 < text.length; at = text.indexOf("\n", line)) {
    const end = at > line && text.charCodeAt(at - 1) === 13 ? at - 1 : at;
    if (end - line >= fullLine && !freshLine.test(text.charAt(at + 1))) {
      pieces.push(text.slice(done, end), end === at ? " " : "  ");
      done = at + 1;
    }
    line = at + 1;
  }
  return done === 0 ? text : pieces.join("") + text.slice(done);
}

function* unicodeSentences(piece: string): Generator<number> {
  for (const { index } of unicodeSegmenter().segment(piece)) yield index;
}

/** Sentence starts in [from, end), and where the next piece begins: the last sentence of a piece may go on beyond it. */
function pieceSentences(text: string, from: number, end: number): { starts: number[]; next: number } {
  const starts: number[] = [];
  let last = from;
  for (const index of latinSentences(text, from, end) ?? unicodeSentences(text.slice(from, end))) {
    last = from + index;
    if (last - (starts.at(-1) ?? last) > maxSentence) cutLong(text, starts, last);
    starts.push(last);
  }
  if (end === text.length) {
    cutLong(text, starts, end);
    return { starts, next: end };
  }
  if (last > from) {
    starts.pop();
    return { starts, next: last };
  }
  cutLong(text, starts, end);
  return { starts, next: starts.pop() ?? end };
}

/** Cuts the last sentence of `starts`, which ends at `end`, into parts of at most `maxSentence`, at blanks where there are any. */
function cutLong(text: string, starts: number[], end: number): void {
  for (let start = starts.at(-1) ?? end; end - start > maxSentence; starts.push(start)) {
    const limit = start + maxSentence;
    const blank = lastBlank(text, start + maxSentence / 2, limit);
    // Never between the halves of a surrogate pair.
    start = blank ?? (isLowSurrogate(text.charCodeAt(limit)) ? limit - 1 : limit);
  }
}

/** The place after the last white space in [from, to), or null. */
function lastBlank(text: string, from: number, to: number): number | null {
  for (let at = to - 1; at >= from; at--) if (!nonSpace.test(text.charAt(at))) return at + 1;
  return null;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Joins sentences without any visible character to the one before, those at the very start to the one after. */
function joinBlank(text: string, starts: readonly number[]): number[] {
  const joined: number[] = [];
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] ?? 0;
    if (joined.length === 0 || hasVisible(text, start, starts[i + 1] ?? text.length)) joined.push(start);
  }
  const [, second] = joined;
  if (second !== undefined && !hasVisible(text, 0, second)) joined.splice(1, 1);
  return joined;
}

function hasVisible(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x20 && code < 0x85) return true;
    if (code >= 0x85 && nonSpace.test(text.charAt(at))) return true;
  }
  return false;
}

/**
 * First token of each sentence that holds a token, by the tokens' UTF-16 offsets; ascending from 0.
 *
 * A token that straddles a border belongs to the sentence of its first visible character: byte-level tokenizers put
 * the blank between two sentences at the front of the second one's first word. Sentences without a token vanish.
 * @param starts,ends offsets of the tokens in `text`, `starts` ascending
 */
export function sentenceTokens(text: string, sentences: SentenceStarts, starts: Int32Array, ends: Int32Array): Int32Array {
  const firsts = new Int32Array(Math.min(sentences.length, starts.length));
  let count = 0;
  let sentence = -1;
  for (let token = 0; token < starts.length; token++) {
    const at = firstVisible(text, starts[token] ?? 0, ends[token] ?? 0);
    if (count > 0 && at < (sentences[sentence + 1] ?? Infinity)) continue;
    while ((sentences[sentence + 1] ?? Infinity) <= at) sentence++;
    firsts[count++] = token;
  }
  return firsts.slice(0, count);
}

function firstVisible(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x20 && (code < 0x85 || nonSpace.test(text.charAt(at)))) return at;
  }
  return start;
}
