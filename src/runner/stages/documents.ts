/** Documents of a corpus: text read strictly, so that no broken file goes into training unseen. */
import { UserError } from "../../protocol/errors.js";
import { readArrow } from "../corpus/arrow.js";
import { readCsv } from "../corpus/csv.js";
import { badFile, UnusableFile, type Found, type Reader } from "../corpus/document.js";
import { fileKind, type Format } from "../corpus/formats.js";
import { readJsonLines } from "../corpus/jsonLines.js";
import { readParquet } from "../corpus/parquet.js";
import { readText } from "../corpus/textFile.js";
import { hashFile, type CorpusFile } from "./corpusFiles.js";
import type { Omission } from "./omissions.js";

export interface CorpusDocument {
  /** Path relative to the recipe file, with the place in it: `#L12` for a line, `#R7` for a row, `#B8388608` for a part. */
  readonly path: string;
  /** SHA-256 of the file's bytes. */
  readonly hash: string;
  readonly text: string;
  /** Place of its source in the corpus. */
  readonly source: number;
}

const readers: Readonly<Record<Format, Reader>> = {
  text: readText,
  jsonl: readJsonLines,
  csv: readCsv,
  tsv: readCsv,
  parquet: readParquet,
  arrow: readArrow,
};

/**
 * Documents of the given files in order, those without visible text left out.
 * @param omit told of every document that is left out
 * @throws UserError naming file and place, where the source does not say `onError: "skip"`
 */
export async function* readDocuments(
  files: readonly CorpusFile[],
  omit: (omission: Omission) => void = () => undefined,
): AsyncGenerator<CorpusDocument> {
  for (const file of files) {
    try {
      const hash = await hashFile(file.absolute);
      for await (const found of readers[fileKind(file.path).format](file)) {
        const path = `${file.path}${found.place}`;
        if ("reason" in found) leaveOut(file, path, found, omit);
        else if (visible.test(found.text)) yield { path, hash, text: found.text, source: file.source };
        else omit({ kind: "empty", path, reason: "no visible text" });
      }
    } catch (error) {
      if (error instanceof UnusableFile) leaveOut(file, file.path, error, omit);
      else if (error instanceof UserError && file.settings.onError === "skip" && readFaults.has(error.code)) {
        omit({ kind: "unreadable", path: file.path, reason: error.message });
      } else throw error;
    }
  }
}

/** Anything but blanks, control and formatting characters (zero-width ones, say). */
const visible = /[^\s\p{Cc}\p{Cf}]/u;

/** Faults of single files; a full disk, say, is none. */
const readFaults = new Set(["file-permission", "file-missing", "file-unreadable"]);

function leaveOut(
  file: CorpusFile,
  path: string,
  { reason, remedy }: Pick<Extract<Found, { reason: string }>, "reason" | "remedy">,
  omit: (omission: Omission) => void,
): void {
  if (file.settings.onError === "fail") throw badFile(path, reason, remedy);
  omit({ kind: "unreadable", path, reason });
}
