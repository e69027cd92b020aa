/** Scores of answers about needles. */
import { distance } from "fastest-levenshtein";

/** 1 where the answer begins with exactly the expected value (blanks before it aside), else 0. */
export function scoreAnswer(answer: string, expected: string): 0 | 1 {
  const text = answer.trimStart();
  if (!text.startsWith(expected)) return 0;
  return goesOn(expected, text.slice(expected.length)) ? 0 : 1;
}

/** Whether a value goes on in what follows it: the first digits of a longer number are no hit. */
function goesOn(expected: string, rest: string): boolean {
  return (/^\d+$/u.test(expected) ? /^\d/u : /^[\p{L}\p{N}]/u).test(rest);
}

/** Whether the value stands anywhere in the answer, and not as a part of a longer one. */
function names(answer: string, expected: string): boolean {
  for (let at = answer.indexOf(expected); at !== -1; at = answer.indexOf(expected, at + 1)) {
    const before = answer.charAt(at - 1);
    if (!/[\p{L}\p{N}]/u.test(before) && !goesOn(expected, answer.slice(at + expected.length))) return true;
  }
  return false;
}

/** Share of the values that the answer names, in any order. */
export function recall(answer: string, references: readonly string[]): number {
  return references.length === 0 ? 0 : references.filter((value) => names(answer, value)).length / references.length;
}

/** Answers are no longer than this many times the value: beyond it nothing is looked for. */
const lookedThrough = 16;

/**
 * Likeness of the value and the part of the answer that fits it best: 1 - Levenshtein distance / length of the longer
 * one. Parts between half and one and a half times the value's length come into question.
 * @returns 0 to 1
 */
export function likeness(answer: string, expected: string): number {
  const text = answer.slice(0, lookedThrough * expected.length + 64);
  if (expected.length === 0) return 0;
  if (text.includes(expected)) return 1;
  let best = 0;
  for (let length = Math.ceil(expected.length / 2); length <= Math.floor(1.5 * expected.length); length++) {
    for (let start = 0; start < text.length; start++) {
      const part = text.slice(start, start + length);
      best = Math.max(best, 1 - distance(part, expected) / Math.max(part.length, expected.length));
      if (start + length >= text.length) break;
    }
  }
  return best;
}

/** Mean likeness over the values. */
export function meanLikeness(answer: string, references: readonly string[]): number {
  return references.length === 0 ? 0 : references.reduce((sum, value) => sum + likeness(answer, value), 0) / references.length;
}
