/** `longrecipe extend RECIPE` and `resume RUN`, in this process or detached from it. */
import { dirname, resolve } from "node:path";
import process from "node:process";
import { exitCode, UserError } from "../../protocol/errors.js";
import type { StageName } from "../../protocol/stages.js";
import { launchRunner } from "../launch.js";
import { liveOwner } from "../lock.js";
import { exists, newRunDirectory, readRun, readRunRecipe, runPaths, scopeOf, writeRun } from "../runDirectory.js";
import { absoluteProgram, loadRecipe, ownScript, type CommonOptions, type LoadedRecipe } from "./context.js";
import { check, perform } from "./perform.js";

export interface RunOptions extends CommonOptions {
  readonly detach?: boolean | undefined;
}

export interface ExtendOptions extends RunOptions {
  readonly run?: string | undefined;
  /** Takes the place of the recipe's model. */
  readonly model?: string | undefined;
}

export async function extend(recipePath: string, options: ExtendOptions): Promise<void> {
  if (options.run !== undefined && !options.detach) {
    // Whoever named the directory watches it: what is wrong with the recipe is told in its history, too.
    await perform({ directory: resolve(options.run), loaded: () => withModel(recipePath, options), options });
    return;
  }
  const loaded = await withModel(recipePath, options);
  if (loaded.recipe.study !== undefined) {
    console.error(`The study in ${recipePath} is not run: this makes the one run of the recipe's own settings. For all: longrecipe study.`);
  }
  // Nothing is left on disk when the recipe cannot work. What the models are is kept, so asking again is quick.
  const directory = options.run === undefined ? await newRunDirectory(loaded.file, loaded.recipe) : resolve(options.run);
  await check(loaded, dirname(directory), options, { emit: () => undefined, abort: new AbortController().signal });
  if (options.detach) await detach(loaded, directory, options);
  else await perform({ directory, loaded: () => Promise.resolve(loaded), options });
}

/** The recipe; a model named on the command line, a folder relative to where it was typed, replaces the recipe's. */
async function withModel(recipePath: string, { model }: ExtendOptions): Promise<LoadedRecipe> {
  const loaded = await loadRecipe(recipePath);
  if (model === undefined) return loaded;
  const folder = resolve(model);
  return { ...loaded, recipe: { ...loaded.recipe, model: (await exists(folder)) ? folder : model } };
}

export async function resume(run: string, options: RunOptions): Promise<void> {
  const directory = resolve(run);
  const file = await readRun(directory);
  const recipe = await readRunRecipe(directory);
  const loaded = { file: file.recipeFile, directory: dirname(file.recipeFile), recipe };
  // What only evaluates or exports never begins to train because it is gone on with.
  const only = scopeOf(file);
  if (options.detach) await detach(loaded, directory, options, only);
  else await perform({ directory, loaded: () => Promise.resolve(loaded), options, ...(only === undefined ? {} : { only }) });
}

/** Starts the same command in a process that outlives this one. */
async function detach(loaded: LoadedRecipe, directory: string, options: RunOptions, only?: ReadonlySet<StageName>): Promise<void> {
  const paths = runPaths(directory);
  const owner = await liveOwner(paths);
  if (owner) throw lockedBy(directory, owner.pid);
  await writeRun(directory, loaded.file, loaded.recipe, { only });
  const python = options.python === undefined ? [] : ["--python", absoluteProgram(options.python)];
  const { pid } = await launchRunner({
    node: process.execPath,
    runnerScript: ownScript(),
    args: ["resume", directory, ...python],
    cwd: loaded.directory,
    log: paths.log,
  });
  if (options.json) console.log(JSON.stringify({ directory, pid }));
  else
    console.log(`Run: ${directory}\nStarted as process ${String(pid)}. Watch it: longrecipe status ${JSON.stringify(directory)} --follow`);
}

function lockedBy(directory: string, pid: number): UserError {
  return new UserError(
    "locked",
    `A runner (process ${String(pid)}) works on ${directory} already.`,
    "Watch it with `longrecipe status`, or pause it with `longrecipe pause`.",
    exitCode.locked,
  );
}
