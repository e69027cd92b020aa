/** The sentences of a scored text: which one a token belongs to, and which impactful one comes next. */
import { bisectRight } from "d3-array";
import { segmentSentences, sentenceTokens } from "../../recipe/sentences.js";
import type { ScoredTokens, ShiftedTokens } from "./tokens.js";

/** Paragraphs are gathered up to about this many characters before the segmenter gets them. */
const partLength = 100_000;

/** The sentence of a token. @param firsts first token of each sentence, ascending from 0 */
export function sentenceOf(firsts: Int32Array, token: number): number {
  return Math.max(0, bisectRight(firsts, token) - 1);
}

/**
 * First token of each sentence of a text. In parts, between which `pause` is waited for: a text may be long.
 * A paragraph always ends a sentence, so that parts of whole paragraphs give the sentences of the whole.
 */
export async function firstTokens(text: string, tokens: ScoredTokens, pause: () => Promise<void>): Promise<Int32Array> {
  const starts: number[] = [];
  for (let from = 0; from < text.length;) {
    const end = partEnd(text, from);
    for (const start of segmentSentences(text.slice(from, end))) starts.push(from + start);
    from = end;
    await pause();
  }
  return sentenceTokens(text, Int32Array.from(starts), tokens.starts, tokens.ends);
}

/** Behind the first empty line after `partLength` characters. */
function partEnd(text: string, from: number): number {
  if (text.length - from <= partLength) return text.length;
  const blank = /\n\s*\n(?=\S)/gu;
  blank.lastIndex = from + partLength;
  const found = blank.exec(text);
  return found === null ? text.length : found.index + found[0].length;
}

/** The next impactful sentence after (or the previous one before) the one at `offset`; null when there is none. */
export function impactfulSentence(
  tokens: ShiftedTokens,
  firsts: Int32Array,
  threshold: number,
  offset: number,
  direction: "next" | "previous",
): number | null {
  const { score } = tokens.tokens;
  let here: number | null = null;
  tokens.walk(offset, offset + 1, (token) => {
    here = sentenceOf(firsts, token);
    return false;
  });
  let found: number | null = null;
  const look = (token: number): boolean => {
    if (!((score[token] ?? Number.NaN) >= threshold)) return true;
    const sentence = sentenceOf(firsts, token);
    if (sentence === here) return true;
    found = sentence;
    return false;
  };
  if (direction === "next") tokens.walk(offset, Infinity, look);
  else tokens.walkBack(offset, look);
  return found;
}

/** Sentences with at least one impactful token, with what they hold. */
export interface CountedSentence {
  readonly sentence: number;
  /** Tokens [first, end). */
  readonly first: number;
  readonly end: number;
  readonly impactful: number;
}

/** What a sentence holds. */
export function countSentence(tokens: ScoredTokens, firsts: Int32Array, threshold: number, sentence: number): CountedSentence {
  const first = firsts[sentence] ?? 0;
  const end = firsts[sentence + 1] ?? tokens.score.length;
  let impactful = 0;
  for (let token = first; token < end; token++) if ((tokens.score[token] ?? Number.NaN) >= threshold) impactful++;
  return { sentence, first, end, impactful };
}
