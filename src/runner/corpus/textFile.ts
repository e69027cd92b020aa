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
  if (size > 0) yield found(Buffer.concat(pending), offset, parts);
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

/** Decodes strictly over chunk borders. */
export async function* decodeStream(chunks: AsyncIterable<Uint8Array>, fail: (byte: number) => Error): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let offset = 0;
  for await (const chunk of chunks) {
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch {
      throw fail(offset);
    }
    if (chunk.indexOf(0) !== -1) throw fail(offset + chunk.indexOf(0));
    offset += chunk.length;
    if (text !== "") yield text;
  }
  try {
    decoder.decode();
  } catch {
    throw fail(offset);
  }
}
