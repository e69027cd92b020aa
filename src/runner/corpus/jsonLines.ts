/** JSON Lines: a record is a document. */
import type { CorpusFile } from "../stages/corpusFiles.js";
import { readBytes } from "./bytes.js";
import { decodeStrictly, kindOf, type Found } from "./document.js";
import { messageOf } from "../../protocol/errors.js";

/** Longest line in bytes; a longer one is passed over without being held in memory. */
export const maxLineBytes = 64 << 20;

export async function* readJsonLines(file: CorpusFile): AsyncGenerator<Found, void, undefined> {
  let line = 0;
  for await (const { bytes, offset } of readLines(file)) {
    line++;
    const place = `#L${line}`;
    if (bytes === null) {
      yield {
        place,
        reason: `line ${line}, from byte ${offset} on, is longer than ${maxLineBytes >>> 20} MB`,
        remedy: "Break it into records.",
      };
      continue;
    }
    const decoded = decodeStrictly(bytes, offset);
    if ("reason" in decoded) yield { place, reason: `line ${line}: ${decoded.reason}` };
    else if (/\S/u.test(decoded.text)) yield record(decoded.text, place, line, file.settings.textField);
  }
}

function record(source: string, place: string, line: number, textField: string): Found {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    return { place, reason: `line ${line} is not JSON (${messageOf(error)})`, remedy: "Correct the line: each one is a JSON object." };
  }
  const fields: [string, unknown][] = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const text = fields.find(([name]) => name === textField)?.[1];
  if (typeof text === "string") {
    if (!/\p{Surrogate}/u.test(text)) return { place, text };
    return { place, reason: `line ${line} holds half of a character (an escape such as \\ud83d alone)`, remedy: "Correct the line." };
  }
  const remedy = "Set textField to the field that holds the text, or correct the line.";
  return { place, reason: `line ${line} has ${kindOf(text)} in the field "${textField}"`, remedy };
}

interface Line {
  /** null: the line is too long. */
  readonly bytes: Uint8Array | null;
  /** Where it begins in the (decompressed) file. */
  readonly offset: number;
}

async function* readLines(file: CorpusFile): AsyncGenerator<Line, void, undefined> {
  let rest: Uint8Array[] = [];
  let size = 0;
  let offset = 0;
  const take = (last: Uint8Array): Line => {
    size += last.length;
    const line = { bytes: size > maxLineBytes ? null : Buffer.concat([...rest, last]), offset };
    offset += size + 1;
    rest = [];
    size = 0;
    return line;
  };
  for await (const chunk of readBytes(file)) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    size += chunk.length - start;
    if (size > maxLineBytes) rest = [];
    else if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (size > 0) yield take(new Uint8Array(0));
}
