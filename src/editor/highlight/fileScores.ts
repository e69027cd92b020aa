/** The scores of one file as it stands in an editor: found in a run, checked against the bytes, put at its characters. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { corpusSources } from "../../protocol/recipe.js";
import { mapRecord, moveToRecord } from "./recordText.js";
import { editsBetween, moveToLineEnds, withLineEnds } from "./reconcile.js";
import { pause, type RunScores } from "./runScores.js";
import { readSentences } from "./runSelection.js";
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

/**
 * The scores of a file, at the characters of the edited text. Where the file is not the one that was scored, only what
 * is the same in both keeps its marks, all of them stale.
 * @returns null where nothing can be placed: the run no longer has the text that was scored
 */
export async function fileScores(run: RunScores, entry: FileEntry, path: string, edited: EditedText): Promise<FileScores | null> {
  const [place] = entry.documents;
  if (place === undefined) return null;
  const records = place.line !== null;
  if ((await hashOf(edited.text)) === entry.hash || (await hashOf(`\uFEFF${edited.text}`)) === entry.hash) {
    return records ? recordScores(run, entry, edited.text) : documentScores(run, place, edited.text);
  }
  const bytes = await readFile(path);
  const unchanged = (await hashBytes(bytes)) === entry.hash;
  const scored = unchanged ? new TextDecoder("utf-8").decode(bytes) : records ? null : await run.text(place);
  if (scored === null) return null;
  const found = records ? await recordScores(run, entry, scored) : await documentScores(run, place, scored);
  if (found === null) return null;
  const placed = ShiftedTokens.fresh(moveToLineEnds(found.tokens.tokens, scored, edited.eol));
  await pause();
  const tokens = placed.edit(editsBetween(withLineEnds(scored, edited.eol), edited.text));
  return unchanged ? { ...found, tokens } : { ...found, tokens: tokens.allStale(), stale: true };
}

async function documentScores(run: RunScores, place: DocumentPlace, text: string): Promise<FileScores> {
  const [tokens = joined([])] = await run.tokens([place]);
  const selected = (await readSentences(run.directory, new Set([place.document]))).get(place.document);
  const firsts = selected ?? (await firstTokens(text, tokens, pause));
  return { tokens: ShiftedTokens.fresh(tokens), firsts, parts: [{ place, firstToken: 0, firstSentence: 0 }], stale: false };
}

/** The records of a .jsonl file, each in its line. */
async function recordScores(run: RunScores, entry: FileEntry, text: string): Promise<FileScores | null> {
  if (text.length > maxRecordsText) return null;
  const fields = [...new Set(corpusSources((await run.recipe()).corpus).map(({ source }) => source.textField))];
  const starts = lineStarts(text);
  const tokens: ScoredTokens[] = [];
  const firsts: number[] = [];
  const parts: FilePart[] = [];
  let firstToken = 0;
  const places = [...entry.documents].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const scored = await run.tokens(places);
  const selected = await readSentences(run.directory, new Set(places.map(({ document }) => document)));
  for (const [at, place] of places.entries()) {
    const start = starts[(place.line ?? 0) - 1] ?? text.length;
    const line = text.slice(start, starts[place.line ?? 0] ?? text.length);
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
