/** The scores of one file as it stands in an editor: found in a run, checked against the bytes, put at its characters. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { corpusSources } from "../../protocol/recipe.js";
import { mapRecord, moveToRecord } from "./recordText.js";
import { editsBetween, moveToLineEnds, withLineEnds } from "./reconcile.js";
import { pause } from "./pause.js";
import type { RunScores } from "./runScores.js";
import { joined32, readSentences } from "./runSelection.js";
import type { DocumentPlace, FileEntry } from "./scoreIndex.js";
import { firstTokens } from "./sentences.js";
import { ShiftedTokens, type ScoredTokens } from "./tokens.js";

/** What the editor holds. */
export interface EditedText {
  readonly text: string;
  readonly eol: "\n" | "\r\n";
}

/** One document of the run within the file: its tokens and sentences follow one another in the file's. */
export interface FilePart {
  readonly place: DocumentPlace;
  readonly firstToken: number;
  readonly firstSentence: number;
}

export interface FileScores {
  readonly tokens: ShiftedTokens;
  /** First token of each sentence of the file. */
  readonly firsts: Int32Array;
  readonly parts: readonly FilePart[];
  /** Whether the file has changed since it was scored. */
  readonly stale: boolean;
}

/** Records of larger .jsonl files are not looked for, in UTF-16 units: each line has to be parsed. */
export const maxRecordsText = 20_000_000;
const hashSlice = 1 << 20;
const byteSlice = 1 << 18;
const byteOrderMark = "\uFEFF";

/** Whether a file can be marked at all: rows of tables (CSV, Parquet ...) cannot, nor records of very large files. */
export function isMarkable({ documents }: FileEntry, { text }: EditedText): boolean {
  const unit = documents[0]?.unit;
  return unit !== "row" && !(unit === "line" && text.length > maxRecordsText);
}

/**
 * The scores of a file, at the characters of the edited text. Where the file is not the one that was scored, only what
 * is the same in both keeps its marks, all of them stale.
 * @returns null where nothing can be placed: the run no longer has the text that was scored
 */
export async function fileScores(run: RunScores, entry: FileEntry, path: string, edited: EditedText): Promise<FileScores | null> {
  const [place] = entry.documents;
  if (place === undefined || !isMarkable(entry, edited)) return null;
  const records = place.unit === "line";
  const plain = (await hashOf(edited.text)) === entry.hash;
  const marked = !plain && (await hashOf(`${byteOrderMark}${edited.text}`)) === entry.hash;
  const scoresOf = (text: string, hasMark: boolean): Promise<FileScores | null> =>
    records ? recordScores(run, entry, text) : documentScores(run, entry, text, hasMark);
  if (plain || marked) return scoresOf(edited.text, marked);
  const bytes = await readFile(path);
  const unchanged = (await hashBytes(bytes)) === entry.hash;
  const scored = unchanged ? new TextDecoder("utf-8").decode(bytes) : place.unit === "file" ? await run.text(place) : null;
  if (scored === null) return null;
  const found = await scoresOf(scored, unchanged && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf);
  if (found === null) return null;
  const placed = ShiftedTokens.fresh(moveToLineEnds(found.tokens.tokens, scored, edited.eol));
  await pause();
  const tokens = placed.edit(editsBetween(withLineEnds(scored, edited.eol), edited.text));
  return unchanged ? { ...found, tokens } : { ...found, tokens: tokens.allStale(), stale: true };
}

/** The documents of a text file: one, or the parts of a long one. */
async function documentScores(run: RunScores, entry: FileEntry, text: string, hasMark: boolean): Promise<FileScores> {
  const places = [...entry.documents].sort((a, b) => a.at - b.at);
  const scored = await run.tokens(places);
  const selected = await readSentences(run.directory, new Set(places.map(({ document }) => document)));
  const starts = await utf16Offsets(
    text,
    places.map(({ at }) => at),
    hasMark ? 3 : 0,
  );
  const tokens: ScoredTokens[] = [];
  const firsts: Int32Array[] = [];
  const parts: FilePart[] = [];
  let [firstToken, firstSentence] = [0, 0];
  for (const [at, place] of places.entries()) {
    const own = scored[at] ?? joined([]);
    const start = starts[at] ?? 0;
    const sentences = selected.get(place.document) ?? (await firstTokens(text.slice(start, starts[at + 1]), own, pause));
    parts.push({ place, firstToken, firstSentence });
    const before = firstToken;
    firsts.push(before === 0 ? sentences : sentences.map((first) => before + first));
    tokens.push(start === 0 ? own : { ...own, starts: own.starts.map((o) => start + o), ends: own.ends.map((o) => start + o) });
    firstToken += own.starts.length;
    firstSentence += sentences.length;
    await pause();
  }
  const [only = joined([]), ...more] = tokens;
  return { tokens: ShiftedTokens.fresh(more.length === 0 ? only : joined(tokens)), firsts: joined32(firsts), parts, stale: false };
}

/** Where bytes of a text's UTF-8 stand in its UTF-16. @param bytes ascending @param mark bytes before the text */
async function utf16Offsets(text: string, bytes: readonly number[], mark: number): Promise<number[]> {
  const found: number[] = [];
  let unit = 0;
  let byte = mark;
  for (const target of bytes) {
    for (;;) {
      let slice = text.slice(unit, unit + byteSlice);
      // A pair is counted whole.
      if (isHigh(slice.charCodeAt(slice.length - 1)) && unit + slice.length < text.length) slice = slice.slice(0, -1);
      const length = Buffer.byteLength(slice);
      if (slice === "" || byte + length > target) break;
      unit += slice.length;
      byte += length;
      await pause();
    }
    for (; byte < target && unit < text.length;) {
      const code = text.codePointAt(unit) ?? 0;
      byte += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      unit += code < 0x10000 ? 1 : 2;
    }
    found.push(unit);
  }
  return found;
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

/** The records of a .jsonl file, each in its line. */
async function recordScores(run: RunScores, entry: FileEntry, text: string): Promise<FileScores | null> {
  const fields = [...new Set(corpusSources((await run.recipe()).corpus).map(({ source }) => source.textField))];
  const starts = lineStarts(text);
  const tokens: ScoredTokens[] = [];
  const firsts: number[] = [];
  const parts: FilePart[] = [];
  let firstToken = 0;
  const places = [...entry.documents].sort((a, b) => a.at - b.at);
  const scored = await run.tokens(places);
  const selected = await readSentences(run.directory, new Set(places.map(({ document }) => document)));
  for (const [at, place] of places.entries()) {
    const start = starts[place.at - 1] ?? text.length;
    const line = text.slice(start, starts[place.at] ?? text.length);
    const map = mapRecord(line, fields);
    const own = scored[at] ?? joined([]);
    const moved = map === null ? null : moveToRecord(own, map.places, start);
    if (moved === null || map === null) continue;
    parts.push({ place, firstToken, firstSentence: firsts.length });
    const sentences = selected.get(place.document) ?? (await firstTokens(map.value, own, pause));
    for (const first of sentences) firsts.push(firstToken + first);
    if (at % 200 === 0) await pause();
    tokens.push(moved);
    firstToken += moved.starts.length;
  }
  return { tokens: ShiftedTokens.fresh(joined(tokens)), firsts: Int32Array.from(firsts), parts, stale: false };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** One table of tokens from several that follow each other. */
export function joined(parts: readonly ScoredTokens[]): ScoredTokens {
  const length = parts.reduce((sum, { starts }) => sum + starts.length, 0);
  const all = { starts: new Int32Array(length), ends: new Int32Array(length), score: new Float32Array(length) };
  let at = 0;
  for (const { starts, ends, score } of parts) {
    all.starts.set(starts, at);
    all.ends.set(ends, at);
    all.score.set(score, at);
    at += starts.length;
  }
  return all;
}

/** SHA-256 of a text as UTF-8, in slices. */
async function hashOf(text: string): Promise<string> {
  const hash = createHash("sha256");
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + hashSlice);
    const last = text.charCodeAt(to - 1);
    if (to < text.length && last >= 0xd800 && last < 0xdc00) to--;
    hash.update(text.slice(from, to), "utf8");
    from = to;
    await pause();
  }
  return hash.digest("hex");
}

async function hashBytes(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (let from = 0; from < bytes.length; from += hashSlice) {
    hash.update(bytes.subarray(from, from + hashSlice));
    await pause();
  }
  return hash.digest("hex");
}
