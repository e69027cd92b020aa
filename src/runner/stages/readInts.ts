/** Numbers straight from a file. */
import { readSync } from "node:fs";
import { brokenTable } from "../tables/faults.js";

/** Fills target[at, at + count) from a byte offset on. @throws UserError where the file ends before */
export function readInts(file: number, path: string, position: number, target: Int32Array, at: number, count: number): void {
  const bytes = count * Int32Array.BYTES_PER_ELEMENT;
  for (let done = 0; done < bytes;) {
    const read = readSync(file, target, at * Int32Array.BYTES_PER_ELEMENT + done, bytes - done, position + done);
    if (read === 0) throw brokenTable(path, "it ends too early");
    done += read;
  }
}
