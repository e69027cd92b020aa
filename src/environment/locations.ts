/** Where the parts of this program lie: in a clone, in an installed extension, under the test runner. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import * as z from "zod";

const manifestSchema = z.object({ name: z.string(), version: z.string() });

/** Folder of the program: the nearest one above with our package.json. */
export function packageRoot(start: string = __dirname): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && readManifest(manifest).name === "longrecipe") return folder;
    if (dirname(folder) === folder) throw new Error(`No package.json of longrecipe above ${start}.`);
  }
}

/** Version of the program, from package.json. */
export function packageVersion(): string {
  return readManifest(join(packageRoot(), "package.json")).version;
}

function readManifest(file: string): z.infer<typeof manifestSchema> {
  const parsed = manifestSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  return parsed.success ? parsed.data : { name: "", version: "" };
}

/** The Python project of the worker. */
export interface WorkerProject {
  /** Folder that holds the package longrecipe_worker: goes onto PYTHONPATH. */
  readonly packageDirectory: string;
  /** Says which packages, in which versions, are needed. */
  readonly pyproject: string;
  /** Says which versions the managed environment gets. */
  readonly lockFile: string;
  /** Lock files of what is installed on demand, by name. */
  readonly extras: Readonly<Record<WorkerExtra, string>>;
}

/** What only some work needs: lm-evaluation-harness for general ability. */
export const workerExtras = ["evaluation"] as const;
export type WorkerExtra = (typeof workerExtras)[number];

export function workerProject(root: string = packageRoot()): WorkerProject {
  const folder = join(root, "native-bin", "worker");
  return {
    packageDirectory: join(folder, "src"),
    pyproject: join(folder, "pyproject.toml"),
    lockFile: join(folder, "requirements.lock"),
    extras: { evaluation: join(folder, "requirements-evaluation.lock") },
  };
}

/** Where the command line keeps its managed environment. LONGRECIPE_CACHE goes first, then the XDG base directories. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env["LONGRECIPE_CACHE"]) return env["LONGRECIPE_CACHE"];
  if (env["XDG_CACHE_HOME"]) return join(env["XDG_CACHE_HOME"], "longrecipe");
  if (process.platform === "win32" && env["LOCALAPPDATA"]) return join(env["LOCALAPPDATA"], "longrecipe", "cache");
  return join(homedir(), ".cache", "longrecipe");
}

/** The interpreter of a virtual environment. */
export function venvPython(venv: string): string {
  return process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
}
