/** What the readers of corpus files give. */
import { TextDecoder } from "node:util";
import { exitCode, UserError } from "../../protocol/errors.js";
import type { CorpusFile } from "../stages/corpusFiles.js";

/** A document as a reader found it. */
export interface FoundText {
  /** Place in the file: `""` for the whole file, `#L12` for a line, `#R7` for a row (from 1), `#B8000` for the part from a byte on. */
  readonly place: string;
  readonly text: string;
}

/** A document that cannot be used; those after it can. */
export interface BadText {
  readonly place: string;
  readonly reason: string;
  readonly remedy?: string | undefined;
}

export type Found = FoundText | BadText;

/** Reads the documents of one file in order. Throws `UnusableFile` where nothing after that place can be read. */
export type Reader = (file: CorpusFile) => AsyncGenerator<Found, void, undefined>;

/** A fault after which the rest of a file cannot be read. */
export class UnusableFile extends Error {
  constructor(
    readonly reason: string,
    readonly remedy?: string,
  ) {
    super(reason);
    this.name = "UnusableFile";
  }
}

export function badFile(path: string, reason: string, remedy = "Save it as UTF-8 text, or leave it out with `exclude`."): UserError {
  const skip = `${remedy} With onError: "skip" such documents are left out and counted.`;
  return new UserError("corpus-unreadable", `Cannot use ${path}: ${reason}.`, skip, exitCode.badInput, [{ path, message: reason }]);
}

/** What stands where text should be, for "row 3 has ... in the column". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "no text";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return value instanceof Uint8Array ? "bytes" : "a record";
  return typeof value === "boolean" ? "a boolean" : "a number";
}

/** Strict UTF-8, byte order mark removed; or why not. @param offset where `bytes` begin in the file, for the message */
export function decodeStrictly(bytes: Uint8Array, offset: number): { readonly text: string } | { readonly reason: string } {
  const zero = bytes.indexOf(0);
  if (zero !== -1) return { reason: `byte ${offset + zero} is zero: it is binary, or UTF-16` };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { reason: `it is not UTF-8 near byte ${offset + firstInvalid(bytes)}` };
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
