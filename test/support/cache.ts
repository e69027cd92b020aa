/**
 * A cache outside the clone for what tests need and npm does not bring: a code-server, a VS Code, a Node.
 *
 * Entries are built beside their place and renamed into it. An entry that exists is therefore whole, however
 * the process that built it ended.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { lock } from "proper-lockfile";

const PRODUCT = "longrecipe";

/** Between the name of an entry and what makes the name of its unfinished directory unique. */
const PARTIAL = ".partial-";

/** A lock not refreshed for this long belongs to a process that is gone. */
const STALE_LOCK_MS = 30_000;

/** The directory of the cache; `LONGRECIPE_CACHE` overrides the place customary on the platform. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.LONGRECIPE_CACHE) {
    return env.LONGRECIPE_CACHE;
  }
  if (env.XDG_CACHE_HOME) {
    return join(env.XDG_CACHE_HOME, PRODUCT);
  }
  if (process.platform === "darwin") {
    return join(homedir(), "Library", "Caches", PRODUCT);
  }
  if (process.platform === "win32") {
    return join(env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), PRODUCT, "Cache");
  }
  return join(homedir(), ".cache", PRODUCT);
}

/**
 * Returns the cache entry `name`, building it first where it is missing.
 *
 * @param name  of the entry; let it hold the versions of what is inside, because entries are never updated
 * @param build fills the empty directory it is given. The directory is moved afterwards, so links inside it
 *              have to be relative
 */
export async function cached(name: string, build: (directory: string) => Promise<void>): Promise<string> {
  const entry = join(cacheDirectory(), name);
  if (existsSync(entry)) {
    return entry;
  }
  return withLock(name, async () => {
    // Another process may have built it while this one waited for the lock.
    if (existsSync(entry)) {
      return entry;
    }
    await removePartials(name);
    // A name of its own: what an earlier builder had started may still be writing into the directory it was given.
    const partial = await mkdtemp(`${entry}${PARTIAL}`);
    await build(partial);
    await rename(partial, entry);
    return entry;
  });
}

/** Whoever left a partial entry behind was killed, as it does not hold the lock any more. */
async function removePartials(name: string): Promise<void> {
  for (const other of await readdir(cacheDirectory())) {
    if (other.startsWith(name + PARTIAL)) {
      await rm(join(cacheDirectory(), other), { recursive: true, force: true });
    }
  }
}

/** Runs `action` while no other process holds the lock of the same name. */
export async function withLock<T>(name: string, action: () => Promise<T>): Promise<T> {
  const target = join(cacheDirectory(), name);
  await mkdir(cacheDirectory(), { recursive: true });
  const release = await lock(target, {
    realpath: false, // the entry itself need not exist yet
    stale: STALE_LOCK_MS,
    retries: { forever: true, minTimeout: 200, maxTimeout: 2_000 },
  });
  try {
    return await action();
  } finally {
    await release();
  }
}
