/** `longrecipe extend RECIPE`, `resume RUN` and `evaluate RUN|MODEL`: everything that works on a run. */
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import process from "node:process";
import { exitCode, UserError } from "../../protocol/errors.js";
import type { Corpus, Recipe } from "../../protocol/recipe.js";
import { stageNames, type StageName } from "../../protocol/stages.js";
import { launchRunner } from "../launch.js";
import { liveOwner } from "../lock.js";
import { preflight } from "../preflight.js";
import { exists, newRunDirectory, newRunName, readRun, readRunRecipe, runPaths, runsRoot, writeRun } from "../runDirectory.js";
import { runSession, type PrepareSession, type Work } from "../session.js";
import { allStages } from "../stages/index.js";
import { findWorker, loadRecipe, ownScript, type CommonOptions, type LoadedRecipe } from "./context.js";
import { runDisplay } from "./progress.js";

export interface RunOptions extends CommonOptions {
  readonly detach?: boolean | undefined;
}

/** What a command wants done on a run directory. */
interface Task {
  readonly directory: string;
  /** Reads the recipe; called with the run locked. */
  readonly loaded: () => Promise<LoadedRecipe>;
  readonly options: RunOptions;
  /** Stages to do; the rest is skipped. */
  readonly only?: ReadonlySet<StageName>;
  /** Stages that must be done already. */
  readonly reuse?: ReadonlySet<StageName>;
}

export async function extend(recipePath: string, options: RunOptions & { readonly run?: string | undefined }): Promise<void> {
  if (options.run !== undefined && !options.detach) {
    // Whoever named the directory watches it: what is wrong with the recipe is told in its history, too.
    await perform({ directory: resolve(options.run), loaded: () => loadRecipe(recipePath), options });
    return;
  }
  const loaded = await loadRecipe(recipePath);
  // Nothing is left on disk when the recipe cannot work. What the models are is kept, so asking again is quick.
  await check(loaded, options, { emit: () => undefined, abort: new AbortController().signal });
  const directory = options.run === undefined ? await newRunDirectory(loaded.file, loaded.recipe) : resolve(options.run);
  if (options.detach) await detach(loaded, directory, options);
  else await perform({ directory, loaded: () => Promise.resolve(loaded), options });
}

export async function resume(run: string, options: RunOptions): Promise<void> {
  const directory = resolve(run);
  const { recipeFile } = await readRun(directory);
  const recipe = await readRunRecipe(directory);
  const loaded = { file: recipeFile, directory: dirname(recipeFile), recipe };
  if (options.detach) await detach(loaded, directory, options);
  else await perform({ directory, loaded: () => Promise.resolve(loaded), options });
}

export async function evaluate(what: string, options: RunOptions & { readonly recipe?: string | undefined }): Promise<void> {
  const path = resolve(what);
  const given = options.recipe === undefined ? null : await loadRecipe(options.recipe);
  if (await exists(runPaths(path).run)) {
    const run = await readRun(path);
    const own = await readRunRecipe(path);
    const directory = dirname(run.recipeFile);
    const recipe = given ? { ...own, evaluation: rebased(given, directory) } : own;
    const earlier = new Set(stageNames.filter((name) => name !== "evaluate"));
    await perform({ directory: path, loaded: () => Promise.resolve({ file: run.recipeFile, directory, recipe }), options, reuse: earlier });
    return;
  }
  if (!given) {
    throw new UserError(
      "recipe-needed",
      `${what} is not a run, so it is taken for a model, and a model is evaluated by a recipe.`,
      "Name the recipe whose `evaluation` is to be used: longrecipe evaluate MODEL --recipe FILE.",
      exitCode.badInput,
    );
  }
  const model = (await exists(path)) ? relative(given.directory, path) || "." : what;
  const recipe: Recipe = { ...given.recipe, model, evaluation: { ...given.recipe.evaluation, ropeOnly: false } };
  const directory = join(runsRoot(given.file, recipe), newRunName(`evaluate-${basename(what).replace(/[^\w.-]+/g, "-")}`, new Date()));
  await perform({ directory, loaded: () => Promise.resolve({ ...given, recipe }), options, only: new Set(["evaluate"]) });
}

async function perform({ directory, loaded, only, reuse, options }: Task): Promise<void> {
  const display = runDisplay(options.json === true);
  if (!options.json) console.error(`Run: ${directory}`);
  try {
    await runSession({
      directory,
      stages: allStages,
      only,
      reuse,
      onEvent: (event) => display.show(event),
      prepare: async (session) => {
        const found = await loaded();
        await writeRun(directory, found.file, found.recipe);
        return check(found, options, session, only !== undefined);
      },
    });
  } finally {
    display.close();
  }
}

/** Refuses a recipe that cannot work, with all its problems; finds the worker that is to do it. */
async function check(loaded: LoadedRecipe, options: RunOptions, session: PrepareSession, evaluationOnly = false): Promise<Work> {
  const program = await findWorker(options);
  const cache = join(runsRoot(loaded.file, loaded.recipe), ".inspect");
  const models = await preflight({ ...loaded, ...session, program, cache, evaluationOnly });
  return { recipe: loaded.recipe, recipeDirectory: loaded.directory, models, program };
}

/** Starts the same command in a process that outlives this one. */
async function detach(loaded: LoadedRecipe, directory: string, options: RunOptions): Promise<void> {
  const paths = runPaths(directory);
  const owner = await liveOwner(paths);
  if (owner) throw lockedBy(directory, owner.pid);
  await writeRun(directory, loaded.file, loaded.recipe);
  const python = options.python === undefined ? [] : ["--python", resolve(options.python)];
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

/** The evaluation of another recipe, its paths made relative to `directory`. */
function rebased(given: LoadedRecipe, directory: string): Recipe["evaluation"] {
  const move = (pattern: string): string => (isAbsolute(pattern) ? pattern : relative(directory, join(given.directory, pattern)));
  const moved = (corpus: Corpus | undefined): { corpus?: Corpus } =>
    corpus ? { corpus: { ...corpus, include: corpus.include.map(move), exclude: corpus.exclude.map(move) } } : {};
  const { needle, perplexity } = given.recipe.evaluation;
  const haystack = moved(needle.haystack ?? given.recipe.corpus).corpus;
  return {
    ...given.recipe.evaluation,
    needle: { ...needle, ...(haystack ? { haystack } : {}) },
    perplexity: { ...perplexity, ...moved(perplexity.corpus) },
  };
}
