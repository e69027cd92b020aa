/**
 * Needle in a haystack: prompts of an exact number of tokens.
 *
 * First the facts are drawn (needlePlan.ts), then their sentences are tokenized by the worker, then a haystack with the
 * facts in it is put together from ids (`hideFacts`) and gets its beginning and its question (`assemblePrompt`): every
 * model answers the very same prompts. Prompts about one haystack are equal up to the question.
 */
import { createHash } from "node:crypto";
import type { Random } from "../recipe/random.js";

/** A piece of a prompt: ids, and the text they come from. */
export interface Piece {
  readonly ids: Int32Array;
  readonly text: string;
}

/** A sentence of the haystack. */
export interface HaystackSentence extends Piece {
  /** Where each token begins in the text. */
  readonly starts: Int32Array;
}

/** A fact to hide, tokenized. */
export interface HiddenPiece {
  readonly piece: Piece;
  /** 0 is the start of the haystack, 1 its end. */
  readonly depth: number;
}

/** A haystack with the facts in it. */
export interface Stack extends Piece {
  /** For each hidden fact, in the order given: the token at which it begins, and tokens of the haystack before it. */
  readonly places: readonly { readonly at: number; readonly haystackBefore: number }[];
}

export interface NeedlePrompt {
  readonly ids: Int32Array;
  readonly text: string;
  /** First 16 hexadecimal digits of the SHA-256 of the ids, as little-endian int32. */
  readonly hash: string;
}

/** Least haystack in a prompt, in tokens: below it there is nothing to search in. */
export const leastHaystack = 8;

/** Tokens of haystack that a prompt of `length` tokens has room for beside its other pieces; below `leastHaystack` it cannot be built. */
export function haystackTokens(others: readonly Piece[], length: number): number {
  return length - others.reduce((sum, { ids }) => sum + ids.length, 0);
}

/**
 * Hides facts in a haystack of exactly `room` tokens of text: the haystack cut to fit, each fact at the sentence border
 * nearest to its depth, distractors at random other borders.
 * @param haystack sentences from anywhere in the held-out text, in order; holds at least the tokens needed
 * @throws RangeError when the haystack is too short or there is no room for it
 */
export function hideFacts(
  facts: readonly HiddenPiece[],
  distractors: readonly Piece[],
  room: number,
  haystack: Iterable<HaystackSentence>,
  random: Random,
): Stack {
  if (room < leastHaystack) throw new RangeError(`${room} tokens are no room for a haystack`);
  const sentences = cutFront(takeSentences(haystack, room), room);
  const borders = [0];
  for (const { ids } of sentences) borders.push((borders.at(-1) ?? 0) + ids.length);
  const chosen = facts.map(({ depth }) => nearest(borders, depth * room));
  const taken = new Set(chosen);
  const others = borders.map((_, border) => border).filter((border) => !taken.has(border));
  const inserts: Piece[][] = borders.map(() => []);
  facts.forEach(({ piece }, place) => inserts[chosen[place] ?? 0]?.push(piece));
  for (const distractor of distractors) inserts[others.length > 0 ? random.pick(others) : (chosen[0] ?? 0)]?.push(distractor);

  const pieces: Piece[] = [];
  const begins = new Map<Piece, number>();
  let filled = 0;
  const add = (piece: Piece): void => {
    begins.set(piece, filled);
    pieces.push(piece);
    filled += piece.ids.length;
  };
  borders.forEach((_, border) => {
    if (border > 0) add(sentences[border - 1] as Piece);
    for (const insert of inserts[border] ?? []) add(insert);
  });
  const places = facts.map(({ piece }, place) => ({ at: begins.get(piece) ?? 0, haystackBefore: borders[chosen[place] ?? 0] ?? 0 }));
  return { ...joinPieces(pieces), places };
}

/** Puts the haystack between what comes before and after it. */
export function assemblePrompt(before: Piece, stack: Piece, after: Piece): NeedlePrompt {
  const whole = joinPieces([before, stack, after]);
  return { ...whole, hash: promptHash(whole.ids) };
}

function joinPieces(pieces: readonly Piece[]): Piece {
  const ids = new Int32Array(pieces.reduce((sum, piece) => sum + piece.ids.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    ids.set(piece.ids, offset);
    offset += piece.ids.length;
  }
  return { ids, text: pieces.map(({ text }) => text).join("") };
}

function takeSentences(haystack: Iterable<HaystackSentence>, room: number): HaystackSentence[] {
  const taken: HaystackSentence[] = [];
  let tokens = 0;
  for (const sentence of haystack) {
    if (sentence.ids.length === 0) continue;
    taken.push(sentence);
    tokens += sentence.ids.length;
    if (tokens >= room) return taken;
  }
  throw new RangeError(`the haystack holds ${tokens} tokens; ${room} are needed`);
}

/** Drops tokens at the front until `room` are left, so that the haystack ends at the end of a sentence. */
function cutFront(sentences: readonly HaystackSentence[], room: number): Piece[] {
  let excess = sentences.reduce((sum, { ids }) => sum + ids.length, 0) - room;
  let dropped = 0;
  while (dropped < sentences.length && excess >= (sentences[dropped]?.ids.length ?? 0)) excess -= sentences[dropped++]?.ids.length ?? 0;
  const kept: HaystackSentence[] = sentences.slice(dropped);
  const [first] = kept;
  if (first !== undefined && excess > 0) {
    const starts = first.starts.subarray(excess);
    kept[0] = { ids: first.ids.subarray(excess), text: first.text.slice(starts[0]), starts };
  }
  return kept;
}

function nearest(ascending: readonly number[], value: number): number {
  let best = 0;
  ascending.forEach((candidate, index) => {
    if (Math.abs(candidate - value) < Math.abs((ascending[best] ?? 0) - value)) best = index;
  });
  return best;
}

/** Names a prompt by its ids. */
export function promptHash(ids: Int32Array): string {
  const bytes = new DataView(new ArrayBuffer(ids.length * 4));
  ids.forEach((id, at) => bytes.setInt32(at * 4, id, true));
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
