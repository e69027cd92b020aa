/** What the commands share: options, the worker's Python, and the parts of a run that need both. */
import { existsSync } from "node:fs";
import { readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ensureExtras, type ManagedOptions } from "../../environment/managed.js";
import { cacheDirectory, workerExtras, workerProject, type WorkerExtra, type WorkerProject } from "../../environment/locations.js";
import { resolvePython, type ResolvedPython } from "../../environment/resolve.js";
import { exitCode, messageOf, UserError } from "../../protocol/errors.js";
import { donePercent } from "../../protocol/percent.js";
import type { Recipe } from "../../protocol/recipe.js";
import { located } from "../../recipe/located.js";
import { parseRecipe } from "../../recipe/parse.js";
import type { WorkerProgram } from "../worker.js";

/** Options of every command. */
export interface CommonOptions {
  readonly json?: boolean | undefined;
  readonly python?: string | undefined;
}

/** What `findWorker` may do to the managed environment. */
export interface WorkerSetup {
  /** Make it anew. */
  readonly repair?: boolean | undefined;
  /** What to install into it besides: an extra by name, or a lock file. */
  readonly extras?: string | undefined;
}

/** @returns the Python that runs the worker; makes the managed environment when there is no other. */
export async function findWorker(
  options: CommonOptions,
  change: WorkerSetup = {},
): Promise<WorkerProgram & Pick<ResolvedPython, "origin">> {
  const project = workerProject();
  let last = "";
  const managed: ManagedOptions = {
    root: cacheDirectory(),
    project,
    repair: change.repair,
    onProgress: ({ message, fraction }) => {
      const line = `${fraction === undefined ? "" : `${donePercent(fraction).padStart(5)} `}${message}`;
      if (line !== last) console.error(line);
      last = line;
    },
  };
  const { python, origin } = await resolvePython({
    ...managed,
    explicit: options.python === undefined ? undefined : absoluteProgram(options.python),
  });
  if (change.extras !== undefined) {
    const lock = extrasLock(change.extras, project);
    // Into somebody else's environment nothing is installed.
    if (origin === "managed") await ensureExtras({ ...managed, repair: false }, lock);
    else if (isExtra(change.extras)) throw ownEnvironment(python, lock);
  }
  return { python, origin, packageDirectory: project.packageDirectory };
}

function isExtra(name: string): name is WorkerExtra {
  return workerExtras.some((extra) => extra === name);
}

/** The lock file of an extra, or the file itself. @throws UserError (exit 2) for what is neither. */
function extrasLock(name: string, project: WorkerProject): string {
  if (isExtra(name)) return project.extras[name];
  const lock = resolve(name);
  if (existsSync(lock)) return lock;
  throw new UserError(
    "extras-unknown",
    `There is no extra \`${name}\`, and no such lock file.`,
    `Take one of: ${workerExtras.join(", ")}.`,
    exitCode.badInput,
  );
}

function ownEnvironment(python: string, lock: string): UserError {
  return new UserError(
    "extras-not-ours",
    `The worker runs with ${python}, which was not made by LongRecipe: nothing is installed into it.`,
    `Install it yourself: ${python} -m pip install -r ${lock}`,
    exitCode.environment,
  );
}

/** A program named by its path, made absolute, for processes that start elsewhere; a bare name is looked up on the PATH. */
export function absoluteProgram(program: string): string {
  return basename(program) === program ? program : resolve(program);
}

/** A recipe together with where it came from. */
export interface LoadedRecipe {
  readonly file: string;
  readonly directory: string;
  readonly recipe: Recipe;
}

/** @throws UserError (exit 2) with every problem of the file. */
export async function loadRecipe(path: string): Promise<LoadedRecipe> {
  const file = resolve(path);
  let text: string;
  try {
    text = await readFile(await realpath(file), "utf8");
  } catch (error) {
    throw new UserError(
      "recipe-unreadable",
      `The recipe ${file} cannot be read: ${messageOf(error)}.`,
      "Name an existing recipe file, such as my.longrecipe.json.",
      exitCode.badInput,
    );
  }
  const parsed = parseRecipe(text);
  if ("recipe" in parsed) return { file, directory: dirname(file), recipe: parsed.recipe };
  throw new UserError(
    "recipe-invalid",
    `The recipe ${file} has ${String(parsed.problems.length)} problem${parsed.problems.length === 1 ? "" : "s"}:`,
    "Correct these keys. In VS Code the recipe file shows them, with completion; `longrecipe schema recipe` prints what is allowed.",
    exitCode.badInput,
    located(parsed.problems, file, text),
  );
}

/** This program, to be started again. */
export function ownScript(): string {
  return join(__dirname, "runner.js");
}
