/** Everything that can be wrong before anything starts, all of it at once. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { exitCode, UserError, type Problem } from "../protocol/errors.js";
import type { Recipe } from "../protocol/recipe.js";
import type { Inspection } from "../protocol/tables.js";
import { checkFacts, checkRecipe, fileWarnings } from "../recipe/check.js";
import { located } from "../recipe/located.js";
import { abilityProblems } from "./abilityExtra.js";
import { systemCode } from "./faults.js";
import { inspectModels, type InspectOptions } from "./inspect.js";
import { modelWarnings } from "../recipe/modelWarnings.js";
import { mergeProblems } from "./mergekit.js";
import { resolveModel } from "./modelPath.js";
import { requireKeys } from "./server/key.js";
import type { ModelFacts } from "./stage.js";
import { corpusFileFacts } from "./stages/corpusFiles.js";

export interface PreflightOptions extends Omit<InspectOptions, "models" | "recipe"> {
  readonly file: string;
  /** Folder of the recipe file. */
  readonly directory: string;
  readonly recipe: Recipe;
  /** Models are evaluated, nothing is extended: any window and any positions will do. */
  readonly evaluationOnly?: boolean;
}

/**
 * @returns the facts about the recipe's models.
 * @throws UserError (exit 2) with every problem of the recipe, its models and its corpora.
 */
export async function preflight(options: PreflightOptions): Promise<ModelFacts> {
  const { recipe, directory } = options;
  const problems = checkRecipe(recipe);
  const reference = recipe.significance.reference.source === "checkpoint" ? recipe.significance.reference.model : null;
  const base = await inspect(options, recipe.model, "model", problems);
  const extended = reference === null ? null : await inspect(options, reference, "significance.reference.model", problems);
  const further = await inspectFurther(options, problems);
  const corpusFiles = await corpusFileFacts(recipe, directory);
  problems.push(...checkFacts(recipe, { base, reference: extended, corpusFiles, evaluationOnly: options.evaluationOnly === true }));
  problems.push(...(await abilityProblems(recipe, directory, options.program.python)));
  if (!options.evaluationOnly) problems.push(...(await mergeProblems(recipe, options.program.python)));
  if (problems.length > 0 || base === null) {
    throw new UserError(
      "recipe-impossible",
      `The recipe ${options.file} cannot work: ${String(problems.length)} problem${problems.length === 1 ? "" : "s"}.`,
      "Correct these keys, then run it again.",
      exitCode.badInput,
      await withPlaces(problems, options.file),
    );
  }
  requireKeys(recipe, process.env);
  const warnings = options.evaluationOnly ? [] : modelWarnings(recipe, base, extended);
  for (const message of [...warnings, ...fileWarnings(corpusFiles)]) options.emit({ kind: "log", level: "warning", message });
  return { base, reference: extended, further };
}

/** Further models of the evaluation, by name. */
async function inspectFurther(options: PreflightOptions, problems: Problem[]): Promise<Map<string, Inspection>> {
  const found = new Map<string, Inspection>();
  for (const [place, { name, path }] of options.recipe.evaluation.models.entries()) {
    if (path === undefined) continue;
    const inspection = await inspect(options, path, `evaluation.models[${place}].path`, problems);
    if (inspection !== null) found.set(name, inspection);
  }
  return found;
}

/** A model that is at fault is one problem among others; a worker that cannot run is not. */
async function inspect(options: PreflightOptions, model: string, path: string, problems: Problem[]): Promise<Inspection | null> {
  try {
    const [inspection] = await inspectModels({ ...options, models: [await resolveModel(options.directory, model)] });
    return inspection ?? null;
  } catch (error) {
    if (!(error instanceof UserError) || error.exit !== exitCode.badInput) throw error;
    problems.push({ path, message: `${error.message} ${error.remedy}` });
    return null;
  }
}

/** The recipe of a run that is resumed may be gone by now; then its problems have no places. */
async function withPlaces(problems: readonly Problem[], file: string): Promise<readonly Problem[]> {
  try {
    return located(problems, file, await readFile(file, "utf8"));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return problems;
    throw error;
  }
}
