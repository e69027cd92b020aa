/** What a table's maker noted about it. */
import { RecordBatchReader } from "apache-arrow";
import { open } from "node:fs/promises";
import { messageOf } from "../../protocol/errors.js";
import { brokenTable, fileFault } from "./faults.js";

/** @returns the note under `key` in the table's metadata. @throws UserError when the file is missing or torn, or has none. */
export async function readNote(path: string, key: string): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    throw fileFault(error, "read", path);
  });
  try {
    const reader = await (await RecordBatchReader.from(file)).open({ autoDestroy: false }).catch((error: unknown) => {
      throw brokenTable(path, messageOf(error));
    });
    const note = reader.schema.metadata.get(key);
    if (note === undefined) throw brokenTable(path, `its metadata lack ${key}`);
    return note;
  } finally {
    await file.close().catch(() => undefined);
  }
}
