/** Where the text of a record stands in a line of a JSON Lines file, escape sequences and all. */
import { findNodeAtLocation, parseTree } from "jsonc-parser";
import type { ScoredTokens } from "./tokens.js";

export interface RecordText {
  readonly value: string;
  /** Where each UTF-16 unit of the text stands in its line, and after them where the text ends. */
  readonly places: Int32Array;
}

/** Maps the string in the first of `fields` that the line holds; null where it holds none. */
export function mapRecord(line: string, fields: readonly string[]): RecordText | null {
  const tree = parseTree(line);
  if (tree === undefined) return null;
  for (const field of fields) {
    const node = findNodeAtLocation(tree, [field]);
    const value: unknown = node?.value;
    if (node === undefined || typeof value !== "string") continue;
    return { value, places: mapString(line, node.offset + 1, node.offset + node.length - 1) };
  }
  return null;
}

/** Places of the units of the string literal whose inside is [from, to). Each escape sequence stands for one unit. */
function mapString(line: string, from: number, to: number): Int32Array {
  const places = new Int32Array(to - from + 1);
  let units = 0;
  for (let at = from; at < to; at += line.charAt(at) === "\\" ? (line.charAt(at + 1) === "u" ? 6 : 2) : 1) places[units++] = at;
  places[units++] = to;
  return places.slice(0, units);
}

/** Tokens of a record's text, moved to where they stand in the file; null where the text is too short to be theirs. */
export function moveToRecord(tokens: ScoredTokens, places: Int32Array, lineStart: number): ScoredTokens | null {
  const length = places.length - 1;
  if ((tokens.ends.at(-1) ?? 0) > length) return null;
  const move = (offset: number): number => lineStart + (places[offset] ?? 0);
  return { ...tokens, starts: tokens.starts.map(move), ends: tokens.ends.map(move) };
}
