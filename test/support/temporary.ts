/** Directories that go when they are no longer needed, and also when this process does. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guardAgainstExit } from "./guard.js";

/** A directory and the way to be rid of it. */
export interface TemporaryDirectory {
  path: string;
  remove: () => Promise<void>;
}

/** Creates an empty directory among the system's temporary ones. */
export async function temporaryDirectory(prefix: string): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  const release = guardAgainstExit("directories", path);
  const remove = async () => {
    // A process that is just ending may still write something.
    await rm(path, { recursive: true, force: true, maxRetries: 10 });
    release();
  };
  return { path, remove };
}
