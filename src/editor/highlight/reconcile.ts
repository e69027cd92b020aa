/**
 * From the text that was scored to the text in the editor: what must have been edited between them. An editor
 * normalises line ends, a file may have changed since it was scored, a document may come back with unsaved edits.
 */
import type { Edit, ScoredTokens } from "./tokens.js";

/** Lines of the part that differs, beyond which it counts as one edit. */
const maxLines = 200_000;

/**
 * Edits, ascending and disjoint in offsets of `before`, that turn `before` into `after`. What they leave alone is equal
 * in both texts; they need not be the fewest.
 */
export function editsBetween(before: string, after: string): Edit[] {
  if (before === after) return [];
  const whole = trim(before, after, { from: 0, to: before.length }, { from: 0, to: after.length });
  if (whole === null) return [];
  const old = lines(before, whole.old);
  const now = lines(after, whole.now);
  if (old.length > maxLines || now.length > maxLines) return [editOf(whole)];
  const edits: Edit[] = [];
  let at: Gap = { old: { ...whole.old }, now: { ...whole.now } };
  for (const [a, b] of commonLines(before, after, old, now)) {
    const [oldLine, nowLine] = [old[a], now[b]];
    if (oldLine === undefined || nowLine === undefined) continue;
    const gap = trim(before, after, { from: at.old.from, to: oldLine.from }, { from: at.now.from, to: nowLine.from });
    if (gap !== null) edits.push(editOf(gap));
    at = { old: { from: oldLine.to, to: whole.old.to }, now: { from: nowLine.to, to: whole.now.to } };
  }
  const rest = trim(before, after, at.old, at.now);
  if (rest !== null) edits.push(editOf(rest));
  return edits;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}
interface Gap {
  readonly old: Stretch;
  readonly now: Stretch;
}

function editOf({ old, now }: Gap): Edit {
  return { offset: old.from, removed: old.to - old.from, inserted: now.to - now.from };
}

/** What differs, without the common start and end; null where nothing does. */
function trim(before: string, after: string, old: Stretch, now: Stretch): Gap | null {
  let start = 0;
  const shorter = Math.min(old.to - old.from, now.to - now.from);
  while (start < shorter && before.charCodeAt(old.from + start) === after.charCodeAt(now.from + start)) start++;
  let end = 0;
  while (end < shorter - start && before.charCodeAt(old.to - 1 - end) === after.charCodeAt(now.to - 1 - end)) end++;
  const gap = { old: { from: old.from + start, to: old.to - end }, now: { from: now.from + start, to: now.to - end } };
  return gap.old.from === gap.old.to && gap.now.from === gap.now.to ? null : gap;
}

/** Lines of a stretch, each with its line end. */
function lines(text: string, { from, to }: Stretch): Stretch[] {
  const found: Stretch[] = [];
  for (let start = from; start < to;) {
    const feed = text.indexOf("\n", start);
    const end = feed === -1 || feed >= to ? to : feed + 1;
    found.push({ from: start, to: end });
    start = end;
  }
  return found;
}

/** Pairs of equal lines, ascending in both: those that occur once in each text, in the longest order they share (patience). */
function commonLines(before: string, after: string, old: readonly Stretch[], now: readonly Stretch[]): [number, number][] {
  const once = uniqueLines(before, old);
  const pairs: [number, number][] = [];
  for (const [text, b] of uniqueLines(after, now)) {
    const a = once.get(text);
    if (a !== undefined && a >= 0 && b >= 0) pairs.push([a, b]);
  }
  return longestAscending(pairs);
}

/** Lines by their text; -1 for one that occurs more than once. */
function uniqueLines(text: string, stretches: readonly Stretch[]): Map<string, number> {
  const found = new Map<string, number>();
  stretches.forEach(({ from, to }, at) => {
    const line = text.slice(from, to);
    found.set(line, found.has(line) ? -1 : at);
  });
  return found;
}

/** The longest choice of pairs that ascends in both members. @param pairs ascending in the second */
function longestAscending(pairs: readonly [number, number][]): [number, number][] {
  /** Of each length, the chain that ends lowest. */
  const ends: number[] = [];
  const previous = new Int32Array(pairs.length);
  pairs.forEach(([a], at) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((pairs[ends[middle] ?? 0]?.[0] ?? 0) < a) low = middle + 1;
      else high = middle;
    }
    previous[at] = low === 0 ? -1 : (ends[low - 1] ?? -1);
    ends[low] = at;
  });
  const chain: [number, number][] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) {
    const pair = pairs[at];
    if (pair !== undefined) chain.push(pair);
  }
  return chain.reverse();
}

/** A text as an editor holds it: every line end in one form. The editor takes a lone carriage return for one, too. */
export function withLineEnds(text: string, eol: "\n" | "\r\n"): string {
  return lineEnds(text, eol).next().done === true ? text : text.replace(/\r\n|\r|\n/gu, eol);
}

/** The tokens of `text`, with their places in `withLineEnds(text, eol)`. */
export function moveToLineEnds(tokens: ScoredTokens, text: string, eol: "\n" | "\r\n"): ScoredTokens {
  const ends = lineEnds(text, eol);
  if (lineEnds(text, eol).next().done === true) return tokens;
  return { ...tokens, starts: moved(tokens.starts, ends, eol.length), ends: moved(tokens.ends, lineEnds(text, eol), eol.length) };
}

/** Line ends that do not have the form `eol`. */
function* lineEnds(text: string, eol: "\n" | "\r\n"): Generator<Stretch, undefined> {
  const other = eol === "\n" ? /\r\n?/gu : /\r(?!\n)|(?<!\r)\n/gu;
  for (const { index, 0: found } of text.matchAll(other)) yield { from: index, to: index + found.length };
}

/** Ascending offsets, each moved by what the line ends before it became longer or shorter. */
function moved(offsets: Int32Array, ends: Generator<Stretch, undefined>, length: number): Int32Array {
  const result = new Int32Array(offsets.length);
  let shift = 0;
  let next = ends.next();
  for (let token = 0; token < offsets.length; token++) {
    const offset = offsets[token] ?? 0;
    while (next.done !== true && next.value.to <= offset) {
      shift += length - (next.value.to - next.value.from);
      next = ends.next();
    }
    // Between a carriage return and its line feed there is no place in a text of single line feeds.
    const inside = next.done !== true && offset > next.value.from ? offset - next.value.from : 0;
    result[token] = offset - inside + shift + Math.min(inside, length);
  }
  return result;
}
