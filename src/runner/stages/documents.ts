/** Documents of a corpus: text read strictly, so that no broken file goes into training unseen. */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { exitCode, UserError } from "../../protocol/errors.js";
import { fileFault } from "../tables/faults.js";
import { hashFile, type CorpusFile } from "./corpusFiles.js";

export interface CorpusDocument {
  /** Path relative to the recipe file; for a record of a .jsonl file with `#L12`, its line. */
  readonly path: string;
  /** SHA-256 of the file's bytes. */
  readonly hash: string;
  readonly text: string;
}

/** Documents of the given files in order, those without visible text left out. @throws UserError naming file and place. */
export async function* readDocuments(files: readonly CorpusFile[]): AsyncGenerator<CorpusDocument> {
  for (const file of files) {
    const hash = await hashFile(file.absolute);
    if (file.path.toLowerCase().endsWith(".jsonl")) yield* readRecords(file, hash, file.settings.textField);
    else {
      const text = decode(await readBytes(file), file.path, 0);
      if (/\S/u.test(text)) yield { path: file.path, hash, text };
    }
  }
}

async function readBytes(file: CorpusFile): Promise<Uint8Array> {
  try {
    return await readFile(file.absolute);
  } catch (error) {
    throw fileFault(error, "read", file.path);
  }
}

async function* readRecords(file: CorpusFile, hash: string, textField: string): AsyncGenerator<CorpusDocument> {
  let line = 0;
  for await (const { bytes, offset } of readLines(file)) {
    line++;
    const source = decode(bytes, file.path, offset);
    if (!/\S/u.test(source)) continue;
    const text = recordText(source, file.path, line, textField);
    if (/\S/u.test(text)) yield { path: `${file.path}#L${line}`, hash, text };
  }
}

async function* readLines(file: CorpusFile): AsyncGenerator<{ bytes: Buffer; offset: number }> {
  let rest: Buffer[] = [];
  let offset = 0;
  try {
    for await (const chunk of createReadStream(file.absolute, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        const bytes = Buffer.concat([...rest, chunk.subarray(start, end)]);
        yield { bytes, offset };
        offset += bytes.length + 1;
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    throw fileFault(error, "read", file.path);
  }
  if (rest.length > 0) yield { bytes: Buffer.concat(rest), offset };
}

function recordText(source: string, path: string, line: number, textField: string): string {
  let record: unknown;
  try {
    record = JSON.parse(source);
  } catch (error) {
    throw badFile(path, `line ${line} is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const fields: [string, unknown][] = typeof record === "object" && record !== null ? Object.entries(record) : [];
  const found = fields.find(([name]) => name === textField)?.[1];
  if (typeof found === "string") return found;
  throw badFile(
    path,
    `line ${line} has no text in the field "${textField}"`,
    `Set textField to the field that holds the text, or correct the line.`,
  );
}

/** Strict UTF-8, byte order mark removed. @param offset where `bytes` begin in the file, for the message */
function decode(bytes: Uint8Array, path: string, offset: number): string {
  const zero = bytes.indexOf(0);
  if (zero !== -1) throw badFile(path, `byte ${offset + zero} is zero: it is binary, or UTF-16`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw badFile(path, `it is not UTF-8 near byte ${offset + firstInvalid(bytes)}`);
    // V8 cannot hold a text this long.
    throw badFile(path, "it is too long for one document", "Split it into files of less than 500 MB.");
  }
}

/** Place of the first byte that is not valid UTF-8: by bisection, where a longer prefix fails for good. */
function firstInvalid(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    try {
      // `stream` lets a character be cut at the end of the prefix.
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

function badFile(path: string, reason: string, remedy = "Save it as UTF-8 text, or leave it out with `exclude`."): UserError {
  return new UserError("corpus-unreadable", `Cannot use ${path}: ${reason}.`, remedy, exitCode.badInput, [{ path, message: reason }]);
}
