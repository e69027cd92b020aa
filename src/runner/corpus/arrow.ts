/** Arrow files and streams, as Hugging Face `datasets` saves them: a row is a document. */
import { open } from "node:fs/promises";
import { DataType, RecordBatchReader, type RecordBatch } from "apache-arrow";
import { messageOf, UserError } from "../../protocol/errors.js";
import type { CorpusFile } from "../stages/corpusFiles.js";
import { fileFault, systemCode } from "../tables/faults.js";
import { readBytes } from "./bytes.js";
import { decodeStrictly, UnusableFile, type Found } from "./document.js";
import { fileKind } from "./formats.js";

const remedy = "Save it again, or leave it out with `exclude`.";

/** Memory is one record batch (`datasets` writes 1000 rows each). */
export async function* readArrow(file: CorpusFile): AsyncGenerator<Found, void, undefined> {
  const { textField } = file.settings;
  let row = 0;
  for await (const batch of batches(file)) {
    const column = batch.getChild(textField);
    if (column === null) {
      const names = batch.schema.fields.map(({ name }) => name).slice(0, 20);
      throw new UnusableFile(`it has no column "${textField}"`, `Set textField to one of its columns: ${names.join(", ")}.`);
    }
    const cell = cellReader(batch, textField);
    for (let at = 0; at < batch.numRows; at++) {
      row++;
      const place = `#R${row}`;
      const value = column.isValid(at) ? cell(at) : null;
      if (value === null) yield { place, reason: `row ${row} has no text in the column "${textField}"` };
      else if ("reason" in value) yield { place, reason: `row ${row}: ${value.reason}` };
      else yield { place, text: value.text };
    }
  }
}

/** Reads a cell strictly: apache-arrow itself would put U+FFFD for bytes that are not UTF-8. */
function cellReader(batch: RecordBatch, name: string): (row: number) => ReturnType<typeof decodeStrictly> {
  const column = batch.getChild(name);
  const data = column?.data[0];
  const type: unknown = column?.type;
  const offsets: unknown = data?.valueOffsets;
  const values: unknown = data?.values;
  if ((DataType.isUtf8(type) || DataType.isLargeUtf8(type)) && values instanceof Uint8Array) {
    if (offsets instanceof Int32Array || offsets instanceof BigInt64Array) {
      return (row) => decodeStrictly(values.subarray(Number(offsets[row]), Number(offsets[row + 1])), 0);
    }
  }
  if (DataType.isDictionary(type) && DataType.isUtf8(type.dictionary)) return (row) => ({ text: String(column?.get(row)) });
  throw new UnusableFile(
    `its column "${name}" holds ${String(type)}, not text`,
    "Set textField to the column that holds the text, or save it as plain strings.",
  );
}

async function* batches(file: CorpusFile): AsyncGenerator<RecordBatch, void, undefined> {
  const handle = fileKind(file.path).compression === null && (await isFileFormat(file)) ? await openFile(file) : null;
  try {
    const source = handle ?? readBytes(file);
    const reader = await (await RecordBatchReader.from(source as AsyncIterable<Uint8Array>)).open({ autoDestroy: false });
    // Of a file that is no Arrow at all the reader makes an empty stream.
    if ((reader.schema as unknown) === undefined) throw new UnusableFile("it cannot be read as Arrow (no schema)", remedy);
    for await (const batch of reader) yield batch;
  } catch (error) {
    if (error instanceof UnusableFile || error instanceof UserError || systemCode(error) !== null) throw error;
    const detail = messageOf(error);
    if (detail.includes("codec not found")) {
      throw new UnusableFile("its batches are compressed, which is not read here", "Write it without compression, or as parquet.");
    }
    // Where bytes are missing the library stumbles over what it takes for offsets.
    const stumbled = error instanceof TypeError || error instanceof RangeError;
    throw new UnusableFile(stumbled ? "it is damaged or cut off" : `it cannot be read as Arrow (${detail})`, remedy);
  } finally {
    await handle?.close();
  }
}

async function openFile(file: CorpusFile) {
  return open(file.absolute).catch((error: unknown) => {
    throw fileFault(error, "read", file.path);
  });
}

/** The file format begins with ARROW1, the stream format with a message. */
async function isFileFormat(file: CorpusFile): Promise<boolean> {
  const handle = await openFile(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(6), 0, 6, 0);
    return bytesRead === 6 && buffer.toString("latin1") === "ARROW1";
  } finally {
    await handle.close();
  }
}
