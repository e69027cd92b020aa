/** `longrecipe evaluate RUN|MODEL`, `longrecipe evaluate --server URL`: a finished run once more, or any model by a recipe. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { textTables } from "../../evaluation/textTables.js";
import { exitCode, UserError } from "../../protocol/errors.js";
import type { Recipe } from "../../protocol/recipe.js";
import { nameFrom } from "../../protocol/name.js";
import { serverSchema, type FurtherModel } from "../../protocol/recipe/models.js";
import { resultsSchema } from "../../protocol/results.js";
import { stageNames } from "../../protocol/stages.js";
import { exists, newRunName, readRun, readRunRecipe, runPaths, runsRoot, scopeOf } from "../runDirectory.js";
import { loadRecipe, type CommonOptions, type LoadedRecipe } from "./context.js";
import { perform } from "./perform.js";
import { rebasedEvaluation } from "./rebase.js";

export interface EvaluateOptions extends CommonOptions {
  readonly recipe?: string | undefined;
  /** Run directory for the evaluation of a model. */
  readonly run?: string | undefined;
  /** Address of an OpenAI-compatible server. */
  readonly server?: string | undefined;
  /** The model's name on the server. */
  readonly model?: string | undefined;
  readonly api?: string | undefined;
  /** Name of the server's key. */
  readonly key?: string | undefined;
}

export async function evaluate(what: string | undefined, options: EvaluateOptions): Promise<void> {
  const given = options.recipe === undefined ? null : await loadRecipe(options.recipe);
  if (options.server !== undefined) return evaluateServer(what, given, options);
  if (what === undefined) {
    throw badUsage("There is nothing to evaluate.", "Name a run or a model: longrecipe evaluate RUN-OR-MODEL; or a server: --server URL.");
  }
  const path = resolve(what);
  if (await exists(runPaths(path).run)) return evaluateRun(path, given, options);
  const recipe = requireRecipe(given, `${what} is not a run, so it is taken for a model`, "longrecipe evaluate MODEL --recipe FILE");
  const model = (await exists(path)) ? relative(recipe.directory, path) || "." : what;
  await evaluateAlone(recipe, options, basename(path), { ...recipe.recipe, model });
}

/** A finished run with the evaluation of today. */
async function evaluateRun(path: string, given: LoadedRecipe | null, options: EvaluateOptions): Promise<void> {
  const run = await readRun(path);
  const own = await readRunRecipe(path);
  const directory = dirname(run.recipeFile);
  const now = await evaluationFor(run.recipeFile, own, given);
  const only = scopeOf(run);
  const recipe = { ...own, evaluation: only === undefined ? now : evaluationAlone(now, own) };
  const stages = only === undefined ? { reuse: new Set(stageNames.slice(0, stageNames.indexOf("evaluate"))) } : { only };
  await perform({
    directory: path,
    loaded: () => Promise.resolve({ file: run.recipeFile, directory, recipe }),
    options,
    followUp: "evaluate",
    ...stages,
  });
  await printTables(path, recipe, options);
}

/** What was evaluated alone is so again: rotary scaling belongs to runs that train, and a server stays the only model. */
function evaluationAlone(now: Recipe["evaluation"], { evaluation: own }: Recipe): Recipe["evaluation"] {
  const { ownModels, models } = own;
  return { ...now, ropeOnly: false, ...(ownModels ? {} : { ownModels, models }) };
}

/** A model behind a server, without any of the recipe's own; the recipe's model gives the tokenizer that counts lengths. */
async function evaluateServer(what: string | undefined, given: LoadedRecipe | null, options: EvaluateOptions): Promise<void> {
  const { model, server: url, api, key } = options;
  if (what !== undefined)
    throw badUsage(`${what} and a server cannot be evaluated at once.`, "List both in `evaluation.models` of a recipe.");
  if (model === undefined) throw badUsage("The model on the server is not named.", "Name it: --model NAME.");
  const parsed = serverSchema.safeParse({ url, model, ...(api === undefined ? {} : { api }), ...(key === undefined ? {} : { key }) });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `--${path.join(".").replace("url", "server")}: ${message}`);
    throw badUsage(`The server cannot be asked: ${problems.join("; ")}.`, "See longrecipe evaluate --help.");
  }
  const loaded = requireRecipe(given, "A server is evaluated by a recipe", "longrecipe evaluate --server URL --model NAME --recipe FILE");
  const name = nameFrom(model);
  const models: FurtherModel[] = [{ name, server: parsed.data }];
  const evaluation = { ...loaded.recipe.evaluation, ownModels: false, models };
  await evaluateAlone(loaded, options, name, { ...loaded.recipe, evaluation });
}

/** Makes a run of its own that only evaluates. */
async function evaluateAlone(given: LoadedRecipe, options: EvaluateOptions, what: string, changed: Recipe): Promise<void> {
  const name = `evaluate-${nameFrom(what)}`;
  const recipe: Recipe = { ...changed, name, evaluation: { ...changed.evaluation, ropeOnly: false } };
  const directory = options.run === undefined ? join(runsRoot(given.file, recipe), newRunName(name, new Date())) : resolve(options.run);
  await perform({ directory, loaded: () => Promise.resolve({ ...given, recipe }), options, only: new Set(["evaluate"]) });
  await printTables(directory, recipe, options);
}

/** What came out, as tables; programs get it from results.json. */
async function printTables(directory: string, recipe: Recipe, options: EvaluateOptions): Promise<void> {
  if (options.json) return;
  const text = await readFile(runPaths(directory).results, "utf8");
  console.log(`\n${textTables(resultsSchema.parse(JSON.parse(text)), recipe.evaluation.ruler.threshold)}`);
}

function requireRecipe(given: LoadedRecipe | null, why: string, usage: string): LoadedRecipe {
  if (given !== null) return given;
  throw new UserError(
    "recipe-needed",
    `${why}, and a model is evaluated by a recipe.`,
    `Name the recipe whose \`evaluation\` is to be used: ${usage}.`,
    exitCode.badInput,
  );
}

function badUsage(message: string, remedy: string): UserError {
  return new UserError("usage", message, remedy, exitCode.badInput);
}

/** What is evaluated, and on what: as another recipe says, else as the run's recipe file says now, else as it said then. */
async function evaluationFor(recipeFile: string, own: Recipe, given: LoadedRecipe | null): Promise<Recipe["evaluation"]> {
  if (given !== null && given.file !== recipeFile) return rebasedEvaluation(given, dirname(recipeFile));
  if (given !== null) return given.recipe.evaluation;
  return (await exists(recipeFile)) ? (await loadRecipe(recipeFile)).recipe.evaluation : own.evaluation;
}
