/** Records of published data files, one after the other: JSON Lines, a JSON array, parquet; from a folder or a zip. */
import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { unzipSync } from "fflate";
import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { messageOf } from "../../../protocol/errors.js";
import { bufferOf } from "../../corpus/parquet.js";

/** A file, or one inside a zip. */
export interface DataFile {
  /** Absolute. */
  readonly path: string;
  /** Name inside the zip `path`; left out: `path` is the file. */
  readonly entry?: string;
}

/** A record, or why there is none; `place` says where, for people. */
export type DataRow = { readonly place: string; readonly record: unknown } | { readonly place: string; readonly fault: string };

/** Longest line in characters: beyond it a file is none of those that are published. */
const maxLine = 256 << 20;

/** Reads record by record. @throws what the file system throws, and Error where a parquet file or a zip is broken */
export async function* dataRows(file: DataFile): AsyncGenerator<DataRow, void, undefined> {
  const extension = extname(file.entry ?? file.path);
  if (extension === ".parquet") yield* parquetRows(file.path);
  else if (extension === ".json") yield* arrayElements(chunks(file));
  else yield* lines(chunks(file));
}

async function* chunks({ path, entry }: DataFile): AsyncGenerator<string, void, undefined> {
  if (entry === undefined) {
    for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 })) yield String(chunk);
    return;
  }
  const found = unzipSync(await readFile(path), { filter: ({ name }) => name === entry })[entry];
  if (found === undefined) throw new Error(`${entry} is not in it`);
  // In pieces: one string cannot hold more than 512 MB.
  const decoder = new TextDecoder();
  const size = 1 << 24;
  for (let at = 0; at < found.length; at += size) yield decoder.decode(found.subarray(at, at + size), { stream: at + size < found.length });
}

async function* lines(source: AsyncIterable<string>): AsyncGenerator<DataRow, void, undefined> {
  let rest = "";
  let line = 0;
  for await (const chunk of source) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) yield* parsed(part, `line ${String(++line)}`);
    if (rest.length > maxLine) throw new Error(`line ${String(line + 1)} has no end`);
  }
  yield* parsed(rest, `line ${String(line + 1)}`);
}

/** Elements of an array of objects, found by their braces: the array itself may be too long for one string. */
async function* arrayElements(source: AsyncIterable<string>): AsyncGenerator<DataRow, void, undefined> {
  const pieces: string[] = [];
  let depth = 0;
  let inString = false;
  let escaped = false;
  let element = 0;
  for await (const chunk of source) {
    let start = depth > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const unit = chunk.charCodeAt(at);
      if (inString) {
        if (escaped) escaped = false;
        else if (unit === 0x5c) escaped = true;
        else if (unit === 0x22) inString = false;
      } else if (unit === 0x22) inString = true;
      else if (unit === 0x7b) {
        if (depth++ === 0) start = at;
      } else if (unit === 0x7d && depth > 0 && --depth === 0) {
        yield* parsed(pieces.splice(0).join("") + chunk.slice(Math.max(0, start), at + 1), `record ${String(++element)}`);
        start = -1;
      }
    }
    if (start >= 0) pieces.push(chunk.slice(start));
  }
  if (depth > 0) yield { place: `record ${String(element + 1)}`, fault: "the file ends within it" };
}

function* parsed(text: string, place: string): Generator<DataRow, void, undefined> {
  if (text.trim() === "") return;
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (error) {
    yield { place, fault: `it is not JSON (${messageOf(error)})` };
    return;
  }
  yield { place, record };
}

/** Rows read at once: bounds memory where a row group holds many long texts. */
const rowsAtOnce = 20;

async function* parquetRows(path: string): AsyncGenerator<DataRow, void, undefined> {
  const handle = await open(path);
  try {
    const file = await bufferOf(handle);
    const metadata = await parquetMetadataAsync(file);
    const count = Number(metadata.num_rows);
    for (let rowStart = 0; rowStart < count; rowStart += rowsAtOnce) {
      const rowEnd = Math.min(count, rowStart + rowsAtOnce);
      const rows = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd, useOffsetIndex: true });
      for (const [place, record] of rows.entries()) yield { place: `row ${String(rowStart + place + 1)}`, record: plain(record) };
    }
  } finally {
    await handle.close();
  }
}

/** 64-bit numbers as plain ones: lengths and years are. */
function plain(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, typeof value === "bigint" ? Number(value) : value]));
}
