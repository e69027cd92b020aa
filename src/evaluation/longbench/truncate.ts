/** Prompts that lose their middle, as LongBench and LooGLE cut what is too long: its beginning and its end say what to do. */

export interface Tokens {
  readonly text: string;
  readonly ids: Int32Array;
  /** Where each token begins and ends in the text, in UTF-16 code units. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The first and the last `limit` / 2 tokens of a text, as text; all of it where it is no longer. */
export function withoutMiddle({ text, ids, starts, ends }: Tokens, limit: number): string {
  if (ids.length <= limit) return text;
  const half = Math.floor(limit / 2);
  if (half === 0) return "";
  return whole(text.slice(0, ends[half - 1])) + text.slice(startOf(text, starts[ids.length - half] ?? 0));
}

/** Tokens of bytes may end within a character: never between the halves of a surrogate pair. */
function whole(text: string): string {
  return isHigh(text.charCodeAt(text.length - 1)) ? text.slice(0, -1) : text;
}

function startOf(text: string, at: number): number {
  return at > 0 && isHigh(text.charCodeAt(at - 1)) ? at + 1 : at;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Characters of a token that texts surely stay below on average: more than that need not be tokenized to know what stays. */
const generousCharacters = 12;

/** A text without most of its middle; `border`: where its two parts meet. */
export interface RoughCut {
  readonly text: string;
  readonly border: number;
}

/** What is much too long, without the middle that goes in any case; null where the text is short enough to be tokenized whole. */
export function roughlyCut(text: string, limit: number): RoughCut | null {
  const kept = Math.ceil(limit / 2) * generousCharacters;
  if (text.length <= 4 * kept) return null;
  const first = whole(text.slice(0, kept));
  return { text: first + text.slice(startOf(text, text.length - kept)), border: first.length };
}

/** Whether the tokens that stay are those of the whole text: each half lies within its own part. */
export function holdsHalves({ starts, ends, ids }: Tokens, border: number, limit: number): boolean {
  const half = Math.floor(limit / 2);
  return ids.length > limit && (ends[half - 1] ?? 0) < border && (starts[ids.length - half] ?? 0) > border;
}

/** The group of lengths that a prompt counts for where its benchmark has none: the power of two that it reaches up to. */
export function lengthGroup(tokens: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, tokens)));
}
