/** Which documents of a significance table belong to which file. Read once; holds numbers, not texts. */
import { stat } from "node:fs/promises";
import { TableCells } from "../../runner/tables/cells.js";

/** The documents of one file. */
export interface FileEntry {
  /** SHA-256 of the bytes that were scored. */
  readonly hash: string;
  readonly documents: readonly DocumentPlace[];
}

export interface DocumentPlace {
  readonly document: number;
  readonly batch: number;
  readonly row: number;
  /** The record's line in the file, from 1; null where the whole file is one document. */
  readonly line: number | null;
}

/** State of the table when it was read. */
export interface ScoreIndex {
  readonly key: string;
  /** By path relative to the recipe file, with forward slashes. */
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly batches: number;
}

/** What tells one state of a file from another. */
export async function fileKey(path: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(path);
  return `${String(size)}-${String(mtimeMs)}-${String(ino)}`;
}

/** Reads paths and hashes of a significance table. @throws UserError when it is missing or damaged */
export async function readScoreIndex(path: string): Promise<ScoreIndex> {
  const key = await fileKey(path);
  const table = await TableCells.open(path, "significance");
  try {
    const files = new Map<string, { hash: string; documents: DocumentPlace[] }>();
    for (let batch = 0; batch < table.batches; batch++) {
      const [documents, paths, hashes] = [
        await table.int32(batch, "document"),
        await table.strings(batch, "path"),
        await table.strings(batch, "hash"),
      ];
      paths.forEach((name, row) => {
        const { file, line } = recordOf(name);
        const hash = hashes[row] ?? "";
        const entry = files.get(file) ?? { hash, documents: [] };
        entry.documents.push({ document: documents[row] ?? 0, batch, row, line });
        files.set(file, entry);
      });
    }
    return { key, files, batches: table.batches };
  } finally {
    await table.close();
  }
}

/** File and line of a document's path: records of a .jsonl file are named `FILE#L12`. */
export function recordOf(path: string): { readonly file: string; readonly line: number | null } {
  const record = /^(.*)#L(\d+)$/su.exec(path);
  return record === null ? { file: path, line: null } : { file: record[1] ?? "", line: Number(record[2]) };
}
