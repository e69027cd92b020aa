/** One runner a run: a lock beside the run's files, which also says who holds it. */
import { rm, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import lockfile from "proper-lockfile";
import writeFileAtomic from "write-file-atomic";
import * as z from "zod";
import { exitCode, UserError } from "../protocol/errors.js";
import { identityOf, isAlive, processIdentitySchema } from "./processes.js";
import type { RunPaths } from "./runDirectory.js";

/** A lock that was not refreshed for this long, in milliseconds, belongs to a process that is gone. */
const stale = 6000;

const ownerSchema = z.object({ ...processIdentitySchema.shape, host: z.string() });
/** Who works on a run. */
export type RunOwner = z.infer<typeof ownerSchema>;

export interface RunLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a run; a lock that a killed runner left behind is taken over.
 * @param onLost called when the lock was taken away in spite of all (the folder was removed, or the machine slept).
 * @throws UserError (exit 5) when another runner works on the run.
 */
export async function lockRun(paths: RunPaths, onLost: (error: Error) => void): Promise<RunLock> {
  const owner = await liveOwner(paths);
  if (owner) throw locked(paths, owner);
  let release: () => Promise<void>;
  try {
    release = await lockfile.lock(paths.directory, {
      lockfilePath: paths.lock,
      stale,
      update: stale / 3,
      onCompromised: onLost,
      // The owner is known to be gone, so its lock only has to grow stale.
      retries: { retries: 2 * Math.ceil(stale / 1000) + 2, factor: 1, minTimeout: 500, maxTimeout: 1000 },
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ELOCKED")) throw error;
    throw locked(paths, await readOwner(paths));
  }
  await writeFileAtomic(paths.owner, JSON.stringify({ ...identityOf(process.pid), host: hostname() }));
  return {
    release: async () => {
      await rm(paths.owner, { force: true });
      await release();
    },
  };
}

/** The process that works on the run right now, or null. A run on another machine counts while its lock is fresh. */
export async function liveOwner(paths: RunPaths): Promise<RunOwner | null> {
  const owner = await readOwner(paths);
  if (!owner) return null;
  if (owner.host === hostname()) return isAlive(owner) ? owner : null;
  return (await lockfile.check(paths.directory, { lockfilePath: paths.lock, stale })) ? owner : null;
}

async function readOwner(paths: RunPaths): Promise<RunOwner | null> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(paths.owner, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function locked(paths: RunPaths, owner: RunOwner | null): UserError {
  const who = owner ? `process ${String(owner.pid)} on ${owner.host}` : "another process";
  return new UserError(
    "locked",
    `Another runner works on ${paths.directory}: ${who}.`,
    "Watch it with `longrecipe status`, pause it with `longrecipe pause`, or start a new run.",
    exitCode.locked,
  );
}
