/** The environment we make ourselves: one folder for each lock file, repaired when it is broken. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import writeFileAtomic from "write-file-atomic";
import * as z from "zod";
import { findPython } from "./findPython.js";
import { findUv, installLock, makeVenv, type SetupProgress } from "./install.js";
import { venvPython, type WorkerProject } from "./locations.js";
import { importFailure, isFailure, probePython } from "./probe.js";
import { missing, readRequirements, type Requirements } from "./requirements.js";

const markerSchema = z.object({ lock: z.string(), extras: z.array(z.string()) });
/** Written last: an environment without it was not finished. */
type Marker = z.infer<typeof markerSchema>;
const markerName = ".longrecipe.json";

export interface ManagedOptions {
  /** Folder for environments: the cache on the command line, global storage in the extension. */
  readonly root: string;
  readonly project: WorkerProject;
  /** Interpreter to make it with. Left out: one from the PATH. */
  readonly basePython?: string | undefined;
  /** Make it anew even when it looks whole. */
  readonly repair?: boolean | undefined;
  readonly onProgress: (progress: SetupProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Folder of the managed environment; its name holds the lock file's hash, so a new lock makes a new environment. */
export async function managedFolder(root: string, lockFile: string): Promise<string> {
  return join(root, `worker-${(await hashOfFile(lockFile)).slice(0, 16)}`);
}

/** @returns the interpreter of the managed environment when it is there and whole, else null. */
export async function readyManaged(options: Pick<ManagedOptions, "root" | "project">): Promise<string | null> {
  const folder = await managedFolder(options.root, options.project.lockFile);
  const requirements = await readRequirements(options.project.pyproject);
  return (await isWhole(folder, requirements)) ? venvPython(folder) : null;
}

/**
 * Makes the managed environment, or repairs it, unless it is there. Two processes at once wait for each other.
 * @returns its interpreter.
 * @throws UserError (exit 3), or the AbortSignal's reason.
 */
export async function ensureManaged(options: ManagedOptions): Promise<string> {
  const folder = await managedFolder(options.root, options.project.lockFile);
  const requirements = await readRequirements(options.project.pyproject);
  if (!options.repair && (await isWhole(folder, requirements))) return venvPython(folder);
  return locked(folder, options, async () => {
    // Another process may have made it while this one waited.
    if (!options.repair && (await isWhole(folder, requirements))) return venvPython(folder);
    await rm(folder, { recursive: true, force: true });
    const python = options.basePython ?? (await findPython(requirements));
    const install = { venv: folder, lockFile: options.project.lockFile, python, onProgress: options.onProgress, signal: options.signal };
    await makeVenv(install, await findUv());
    options.onProgress({ message: "Checking the Python environment.", fraction: 0.95 });
    const broken = await importFailure(venvPython(folder), ["torch", "transformers", "pyarrow"]);
    if (broken !== null) throw new Error(`The new Python environment in ${folder} does not work: ${broken}`);
    await writeMarker(folder, { lock: await hashOfFile(options.project.lockFile), extras: [] });
    options.onProgress({ message: "The Python environment is ready.", fraction: 1 });
    return venvPython(folder);
  });
}

/** Adds the packages of a further lock file (those of the tests) to the managed environment, once. */
export async function ensureExtras(options: ManagedOptions, extrasLock: string): Promise<void> {
  const python = await ensureManaged(options);
  const folder = await managedFolder(options.root, options.project.lockFile);
  const hash = await hashOfFile(extrasLock);
  await locked(folder, options, async () => {
    const marker = await readMarker(folder);
    if (!marker || marker.extras.includes(hash)) return;
    await installLock({ venv: folder, lockFile: extrasLock, python, onProgress: options.onProgress, signal: options.signal });
    await writeMarker(folder, { ...marker, extras: [...marker.extras, hash] });
  });
}

async function locked<T>(folder: string, options: ManagedOptions, action: () => Promise<T>): Promise<T> {
  await mkdir(options.root, { recursive: true });
  const release = await lockfile.lock(options.root, {
    lockfilePath: `${folder}.lock`,
    stale: 20_000,
    // An hour: somebody else's download over a slow line.
    retries: { retries: 3600, factor: 1, minTimeout: 1000, maxTimeout: 1000 },
  });
  try {
    options.signal?.throwIfAborted();
    return await action();
  } finally {
    await release();
  }
}

async function isWhole(folder: string, requirements: Requirements): Promise<boolean> {
  if (!(await readMarker(folder))) return false;
  const probe = await probePython(
    [venvPython(folder)],
    requirements.packages.map(({ name }) => name),
  );
  return !isFailure(probe) && missing(probe, requirements).length === 0;
}

async function readMarker(folder: string): Promise<Marker | null> {
  try {
    return markerSchema.parse(JSON.parse(await readFile(join(folder, markerName), "utf8")));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return null;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

async function writeMarker(folder: string, marker: Marker): Promise<void> {
  await writeFileAtomic(join(folder, markerName), JSON.stringify(marker));
}

async function hashOfFile(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}
