/** What the commands share: options, the worker's Python, and the parts of a run that need both. */
import { readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ensureExtras, type ManagedOptions } from "../../environment/managed.js";
import { cacheDirectory, workerProject } from "../../environment/locations.js";
import { resolvePython, type ResolvedPython } from "../../environment/resolve.js";
import { exitCode, messageOf, UserError } from "../../protocol/errors.js";
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
  /** A further lock file to install into it. */
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
      const line = `${fraction === undefined ? "" : `${String(Math.round(100 * fraction)).padStart(3)} % `}${message}`;
      if (line !== last) console.error(line);
      last = line;
    },
  };
  const { python, origin } = await resolvePython({
    ...managed,
    explicit: options.python === undefined ? undefined : absoluteProgram(options.python),
  });
  // Into somebody else's environment nothing is installed.
  if (change.extras !== undefined && origin === "managed") await ensureExtras({ ...managed, repair: false }, resolve(change.extras));
  return { python, origin, packageDirectory: project.packageDirectory };
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
