/**
 * Needle in a haystack, with other needles as distractors (the multi-key task of RULER, arXiv 2404.06654).
 *
 * First the facts are drawn (`planNeedles`), then their sentences are tokenized by the worker, then prompts of an exact
 * number of tokens are put together from ids (`buildPrompt`): every model answers the very same prompts.
 */
import { createHash } from "node:crypto";
import type { NeedleSettings } from "../protocol/recipe.js";
import { Random } from "../recipe/random.js";
import { defaultKeys } from "./keys.js";

/** One prompt of the grid, before it is built: what is hidden in it, as text. */
export interface NeedlePlan {
  readonly prompt: number;
  readonly length: number;
  /** Nominal depth, 0 to 1. */
  readonly depth: number;
  readonly trial: number;
  /** The value to retrieve. */
  readonly expected: string;
  readonly needle: string;
  readonly distractors: readonly string[];
  readonly question: string;
}

/**
 * Draws needle, distractors and question of every prompt of the grid lengths x depths x trials. Keys of one prompt
 * differ, and so do its values.
 */
export function planNeedles(settings: NeedleSettings, lengths: readonly number[], seed: number): NeedlePlan[] {
  const plans: NeedlePlan[] = [];
  for (const length of lengths) {
    for (const depth of settings.depths) {
      for (let trial = 0; trial < settings.trials; trial++) {
        const random = new Random(seed, "needle", length, depth, trial);
        plans.push({ prompt: plans.length, length, depth, trial, ...drawFacts(settings, length, random) });
      }
    }
  }
  return plans;
}

/** Distractors in a prompt of a length. */
export function distractorCount(settings: Pick<NeedleSettings, "distractors" | "distractorSpacing">, length: number): number {
  const { distractors, distractorSpacing } = settings;
  return distractorSpacing === undefined ? distractors : Math.max(distractors, Math.floor(length / distractorSpacing));
}

function drawFacts(settings: NeedleSettings, length: number, random: Random) {
  const keys = random.shuffle([...new Set(settings.keys ?? defaultKeys)]).slice(0, distractorCount(settings, length) + 1);
  const values = new Set<string>();
  while (values.size < keys.length) {
    values.add(String(random.integer(0, 10 ** settings.valueDigits - 1)).padStart(settings.valueDigits, "0"));
  }
  const facts = [...values].map((value, at) => joined(fill(settings.needle, keys[at] ?? "", value)));
  const [needle = "", ...distractors] = facts;
  const [expected = ""] = values;
  return { expected, needle, distractors, question: joined(fill(settings.question, keys[0] ?? "", "")) };
}

function fill(template: string, key: string, value: string): string {
  return template.replaceAll("{key}", () => key).replaceAll("{value}", () => value);
}

/** Text that goes on after a sentence: with a blank before it, unless it brings its own. */
function joined(text: string): string {
  return /^\s/u.test(text) ? text : ` ${text}`;
}

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

/** A plan with its texts tokenized. */
export interface TokenizedPlan {
  readonly needle: Piece;
  readonly distractors: readonly Piece[];
  readonly question: Piece;
}

export interface NeedlePrompt {
  readonly ids: Int32Array;
  readonly text: string;
  /** First 16 hexadecimal digits of the SHA-256 of the ids, as little-endian int32. */
  readonly hash: string;
  /** Token at which the needle begins, and tokens of the haystack before it. */
  readonly needleAt: number;
  readonly haystackBefore: number;
}

/** Least haystack in a prompt, in tokens: below it there is nothing to search in. */
export const leastHaystack = 8;

/** Tokens of haystack that a prompt of `length` tokens has room for; below `leastHaystack` it cannot be built. */
export function haystackTokens(plan: TokenizedPlan, length: number): number {
  const facts = [plan.needle, plan.question, ...plan.distractors].reduce((sum, { ids }) => sum + ids.length, 0);
  return length - facts;
}

/**
 * Puts a prompt of exactly `length` tokens together: haystack cut to fit, the needle at the sentence border nearest to
 * `depth`, distractors at random other borders, the question at the end.
 * @param haystack sentences from anywhere in the held-out text, in order; holds at least the tokens needed
 * @throws RangeError when the haystack is too short or the length leaves no room for it
 */
export function buildPrompt(
  plan: TokenizedPlan,
  length: number,
  depth: number,
  haystack: Iterable<HaystackSentence>,
  random: Random,
): NeedlePrompt {
  const room = haystackTokens(plan, length);
  if (room < leastHaystack) throw new RangeError(`a prompt of ${length} tokens has no room for a haystack`);
  const sentences = cutFront(takeSentences(haystack, room), room);
  const borders = [0];
  for (const { ids } of sentences) borders.push((borders.at(-1) ?? 0) + ids.length);
  const at = nearest(borders, depth * room);
  const others = borders.map((_, border) => border).filter((border) => border !== at);
  const inserts: Piece[][] = borders.map(() => []);
  inserts[at]?.push(plan.needle);
  for (const distractor of plan.distractors) inserts[others.length > 0 ? random.pick(others) : at]?.push(distractor);

  const pieces: Piece[] = [];
  let needleAt = 0;
  let filled = 0;
  const add = (piece: Piece) => {
    pieces.push(piece);
    filled += piece.ids.length;
  };
  borders.forEach((_, border) => {
    if (border > 0) add(sentences[border - 1] as Piece);
    for (const insert of inserts[border] ?? []) {
      if (insert === plan.needle) needleAt = filled;
      add(insert);
    }
  });
  add(plan.question);
  const ids = new Int32Array(length);
  let offset = 0;
  for (const piece of pieces) {
    ids.set(piece.ids, offset);
    offset += piece.ids.length;
  }
  return { ids, text: pieces.map(({ text }) => text).join(""), hash: promptHash(ids), needleAt, haystackBefore: borders[at] ?? 0 };
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
  const kept: HaystackSentence[] = [...sentences];
  while (kept.length > 0 && excess >= (kept[0]?.ids.length ?? 0)) excess -= kept.shift()?.ids.length ?? 0;
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

/** 1 where the answer begins with exactly the expected digits (blanks before them aside), else 0. */
export function scoreAnswer(answer: string, expected: string): 0 | 1 {
  const text = answer.trimStart();
  return text.startsWith(expected) && !/^\d/u.test(text.slice(expected.length)) ? 1 : 0;
}

/** New tokens that hold any answer: a blank, the digits, and one that shows that the number ends. */
export function answerTokens(settings: Pick<NeedleSettings, "valueDigits">): number {
  return settings.valueDigits + 2;
}
