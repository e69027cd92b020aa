/** A little space kept back, so that a full disk can still be told in the run's history. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const bytes = 64 * 1024;
const name = ".reserve";

/** Takes the space. On a disk that is full already this throws, as any other write would. */
export function takeReserve(directory: string): void {
  // Not zeros: some file systems would keep none of them.
  writeFileSync(join(directory, name), Buffer.alloc(bytes, "longrecipe"));
}

/** Gives it back. */
export function giveReserve(directory: string): void {
  rmSync(join(directory, name), { force: true });
}
