/** Parquet: a row is a document. Read row group by row group, the text column alone. */
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parquetMetadataAsync, parquetReadObjects, parquetSchema, type AsyncBuffer } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { messageOf, UserError } from "../../protocol/errors.js";
import type { CorpusFile } from "../stages/corpusFiles.js";
import { fileFault, systemCode } from "../tables/faults.js";
import { readBytes } from "./bytes.js";
import { decodeStrictly, kindOf, UnusableFile, type Found } from "./document.js";
import { fileKind } from "./formats.js";

/** A cell whose bytes are not UTF-8. */
class BrokenCell {
  constructor(readonly reason: string) {}
}

/** Rows read at once: bounds memory where a row group holds many. */
const rowsAtOnce = 1_000;

const parsers = {
  stringFromBytes(bytes: Uint8Array | undefined): unknown {
    if (bytes === undefined) return undefined;
    const decoded = decodeStrictly(bytes, 0);
    return "text" in decoded ? decoded.text : new BrokenCell(decoded.reason);
  },
};

export async function* readParquet(file: CorpusFile): AsyncGenerator<Found, void, undefined> {
  // The directory of a parquet file stands at its end: a compressed one is unpacked into a scratch file first.
  const scratch = fileKind(file.path).compression === null ? null : await mkdtemp(join(tmpdir(), "longrecipe-parquet-"));
  try {
    const path = scratch === null ? file.absolute : join(scratch, "data.parquet");
    if (scratch !== null) await pipeline(readBytes(file), createWriteStream(path));
    yield* readRows(path, file);
  } finally {
    if (scratch !== null) await rm(scratch, { recursive: true, force: true });
  }
}

async function* readRows(path: string, file: CorpusFile): AsyncGenerator<Found, void, undefined> {
  const { textField } = file.settings;
  const handle = await open(path).catch((error: unknown) => {
    throw fileFault(error, "read", file.path);
  });
  try {
    const source = await bufferOf(handle);
    const metadata = await understood(() => parquetMetadataAsync(source, { parsers }), "its metadata");
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    if (!columns.includes(textField)) {
      throw new UnusableFile(`it has no column "${textField}"`, `Set textField to one of its columns: ${columns.slice(0, 20).join(", ")}.`);
    }
    let row = 0;
    for (const group of metadata.row_groups) {
      for (const end = row + Number(group.num_rows); row < end;) {
        const rowEnd = Math.min(end, row + rowsAtOnce);
        const options = { file: source, metadata, columns: [textField], rowStart: row, rowEnd, compressors, parsers, useOffsetIndex: true };
        const rows = await understood(() => parquetReadObjects(options), `rows ${row + 1} to ${rowEnd}`);
        for (const record of rows) yield foundRow((record as Readonly<Record<string, unknown>>)[textField], ++row, textField);
      }
    }
  } finally {
    await handle.close();
  }
}

function foundRow(value: unknown, row: number, textField: string): Found {
  const place = `#R${row}`;
  if (typeof value === "string") return { place, text: value };
  if (value instanceof BrokenCell) return { place, reason: `row ${row}: ${value.reason}` };
  return {
    place,
    reason: `row ${row} has ${kindOf(value)} in the column "${textField}"`,
    remedy: "Set textField to the column that holds the text.",
  };
}

/** An open file as hyparquet reads one. */
export async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const buffer = new ArrayBuffer(end - start);
      const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, end - start, start);
      if (bytesRead !== end - start) throw new Error("the file ends too early");
      return buffer;
    },
  };
}

/** Anything but a fault of the disk is a fault of the file. */
async function understood<R>(read: () => Promise<R>, what: string): Promise<R> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError || systemCode(error) !== null) throw error;
    const detail = messageOf(error);
    throw new UnusableFile(`${what} cannot be read as parquet (${detail})`, "Write it again, or leave it out with `exclude`.");
  }
}
