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
  /** What of the file the document is: all of it, a line (from 1), a row of a table, or the part from a byte on. */
  readonly unit: "file" | "line" | "row" | "byte";
  readonly at: number;
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
        const { file, unit, at } = placeOf(name);
        const hash = hashes[row] ?? "";
        const entry = files.get(file) ?? { hash, documents: [] };
        entry.documents.push({ document: documents[row] ?? 0, batch, row, unit, at });
        files.set(file, entry);
      });
    }
    return { key, files, batches: table.batches };
  } finally {
    await table.close();
  }
}

/** File and place of a document by its path: `FILE`, `FILE#L12`, `FILE#R7` or `FILE#B8388608`. */
export function placeOf(path: string): Pick<DocumentPlace, "unit" | "at"> & { readonly file: string } {
  const found = /^(.*)#([LRB])(\d+)$/su.exec(path);
  if (found === null) return { file: path, unit: "file", at: 0 };
  const unit = found[2] === "L" ? "line" : found[2] === "R" ? "row" : "byte";
  return { file: found[1] ?? "", unit, at: Number(found[3]) };
}
