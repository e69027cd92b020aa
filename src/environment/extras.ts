/** What only some work needs, installed when that work is about to start. */
import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import type { SetupProgress } from "./install.js";
import type { WorkerExtra, WorkerProject } from "./locations.js";
import { ensureExtras, managedFolder } from "./managed.js";

/**
 * Installs an extra into the environment of an interpreter, unless it is there. Into an environment that is not ours
 * nothing is installed: what it lacks is told by the checks before a run.
 * @throws UserError (exit 3) when it cannot be installed; the AbortSignal's reason
 */
export async function bringExtra(
  python: string,
  extra: WorkerExtra,
  project: WorkerProject,
  onProgress: (progress: SetupProgress) => void,
  signal?: AbortSignal,
): Promise<void> {
  const root = await managedRoot(python, project);
  if (root !== null) await ensureExtras({ root, project, onProgress, signal }, project.extras[extra]);
}

/** Folder of the managed environments that an interpreter belongs to: ROOT/worker-HASH/bin/python; null where it is none of them. */
async function managedRoot(python: string, project: WorkerProject): Promise<string | null> {
  const folder = dirname(dirname(python));
  const root = dirname(folder);
  const [own, expected] = await Promise.all([real(folder), real(await managedFolder(root, project.lockFile))]);
  return own !== null && own === expected ? root : null;
}

async function real(path: string): Promise<string | null> {
  return realpath(path).catch(() => null);
}
