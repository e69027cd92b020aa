/** Plain text and source code: a file is a document; a very long one comes in parts. */
import { TextDecoder } from "node:util";
import type { CorpusFile } from "../stages/corpusFiles.js";
import { readBytes } from "./bytes.js";
import { decodeStrictly, type Found } from "./document.js";

/** Largest part of a file in bytes: about two million tokens, more than any window; keeps memory bounded. */
export const partBytes = 8 << 20;

/** A file of at most `partBytes`, else its parts, cut at blank lines, line ends or blanks, whichever are there. */
export async function* readText(file: CorpusFile): AsyncGenerator<Found, void, undefined> {
  let pending: Uint8Array[] = [];
  let size = 0;
  let offset = 0;
  let parts = false;
  for await (const chunk of readBytes(file)) {
    pending.push(chunk);
    size += chunk.length;
    while (size > partBytes) {
      const bytes = Buffer.concat(pending);
      const end = cutPlace(bytes.subarray(0, partBytes));
      parts = true;
      yield found(bytes.subarray(0, end), offset, true);
      // A copy, so that the large buffer can go.
      pending = [Uint8Array.from(bytes.subarray(end))];
      size -= end;
      offset += end;
    }
  }
  // A file of no bytes is a document, too: an empty one, which is counted.
  if (size > 0 || !parts) yield found(Buffer.concat(pending), offset, parts);
}

function found(bytes: Uint8Array, offset: number, part: boolean): Found {
  const place = part ? `#B${offset}` : "";
  const decoded = decodeStrictly(bytes, offset);
  if ("reason" in decoded) return { place, reason: decoded.reason };
  if (bytes.length >= partBytes / 2 && !/\s/u.test(decoded.text)) {
    return { place, reason: `there is no blank in the ${partBytes} bytes from byte ${offset} on: it is not text` };
  }
  return { place, text: decoded.text };
}

/** After the last blank line of the second half, else the last line end, else the last blank, else between two characters. */
function cutPlace(bytes: Buffer): number {
  const half = bytes.length >>> 1;
  for (const border of ["\n\n", "\n", " "]) {
    const at = bytes.lastIndexOf(border);
    if (at >= half) return at + border.length;
  }
  let end = bytes.length;
  while (end > half && ((bytes[end] ?? bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}

/** Decodes strictly over chunk borders, byte order mark removed. @param fail makes the fault of a reason that names the byte */
export async function* decodeStream(chunks: AsyncIterable<Uint8Array>, fail: (reason: string) => Error): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes?: Uint8Array): string | null => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      return null;
    }
  };
  let offset = 0;
  // Of a character that two chunks share, at most three bytes stand in the first.
  let tail: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const text = chunk.includes(0) ? null : decode(chunk);
    if (text === null) throw fail(reasonOf(Buffer.concat([tail, chunk]), offset - tail.length));
    offset += chunk.length;
    tail = Uint8Array.from(Buffer.concat([tail, chunk.subarray(-3)]).subarray(-3));
    if (text !== "") yield text;
  }
  if (decode() === null) throw fail(`it is not UTF-8 near byte ${offset}: its last character is cut off`);
}

/** Why bytes that follow good ones are bad. @param offset where they begin in the file */
function reasonOf(bytes: Uint8Array, offset: number): string {
  // What is left of a character that began before.
  const start = Math.max(
    0,
    bytes.findIndex((byte) => (byte & 0xc0) !== 0x80),
  );
  const decoded = decodeStrictly(bytes.subarray(start), offset + start);
  return "reason" in decoded ? decoded.reason : "it is not UTF-8";
}
