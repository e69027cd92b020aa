/** `longrecipe evaluate RUN|MODEL`: a finished run once more, or any model by a recipe. */
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { exitCode, UserError } from "../../protocol/errors.js";
import type { Corpus, CorpusSource, Recipe } from "../../protocol/recipe.js";
import { stageNames } from "../../protocol/stages.js";
import { exists, newRunName, readRun, readRunRecipe, runPaths, runsRoot } from "../runDirectory.js";
import { loadRecipe, type CommonOptions, type LoadedRecipe } from "./context.js";
import { perform } from "./perform.js";

export interface EvaluateOptions extends CommonOptions {
  readonly recipe?: string | undefined;
  /** Run directory for the evaluation of a model. */
  readonly run?: string | undefined;
}

export async function evaluate(what: string, options: EvaluateOptions): Promise<void> {
  const path = resolve(what);
  const given = options.recipe === undefined ? null : await loadRecipe(options.recipe);
  if (await exists(runPaths(path).run)) {
    const run = await readRun(path);
    const own = await readRunRecipe(path);
    const directory = dirname(run.recipeFile);
    const recipe = { ...own, evaluation: await evaluationFor(run.recipeFile, own, given) };
    const earlier = new Set(stageNames.slice(0, stageNames.indexOf("evaluate")));
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
  const name = `evaluate-${basename(path).replace(/[^\w.-]+/g, "-")}`;
  const recipe: Recipe = { ...given.recipe, name, model, evaluation: { ...given.recipe.evaluation, ropeOnly: false } };
  const directory = options.run === undefined ? join(runsRoot(given.file, recipe), newRunName(name, new Date())) : resolve(options.run);
  await perform({ directory, loaded: () => Promise.resolve({ ...given, recipe }), options, only: new Set(["evaluate"]) });
}

/** What is evaluated, and on what: as another recipe says, else as the run's recipe file says now, else as it said then. */
async function evaluationFor(recipeFile: string, own: Recipe, given: LoadedRecipe | null): Promise<Recipe["evaluation"]> {
  if (given !== null && given.file !== recipeFile) return rebased(given, dirname(recipeFile));
  if (given !== null) return given.recipe.evaluation;
  return (await exists(recipeFile)) ? (await loadRecipe(recipeFile)).recipe.evaluation : own.evaluation;
}

/** The evaluation of another recipe, its paths made relative to `directory`. */
function rebased(given: LoadedRecipe, directory: string): Recipe["evaluation"] {
  const move = (pattern: string): string => (isAbsolute(pattern) ? pattern : relative(directory, join(given.directory, pattern)));
  const movedSource = (source: CorpusSource): CorpusSource => ({
    ...source,
    include: source.include.map(move),
    exclude: source.exclude.map(move),
  });
  const moved = (corpus: Corpus | undefined): { corpus?: Corpus } =>
    corpus ? { corpus: Array.isArray(corpus) ? corpus.map(movedSource) : movedSource(corpus) } : {};
  const { needle, perplexity, ability } = given.recipe.evaluation;
  const haystack = moved(needle.haystack ?? given.recipe.corpus).corpus;
  return {
    ...given.recipe.evaluation,
    needle: { ...needle, ...(haystack ? { haystack } : {}) },
    perplexity: { ...perplexity, ...moved(perplexity.corpus) },
    ability: { ...ability, ...(ability.include === undefined ? {} : { include: move(ability.include) }) },
  };
}
