/** From a recipe and a study to the runs of the study: every combination, with every seed. */
import { exitCode, UserError, type Problem } from "../protocol/errors.js";
import { trainedLength, type Recipe } from "../protocol/recipe.js";
import type { Study } from "../protocol/study.js";
import { splitPath } from "../recipe/locate.js";
import { checkShape } from "../recipe/parse.js";

/** One run of a study. */
export interface CellPlan {
  readonly row: string;
  readonly seed: number;
  /** Recipe keys by which this row differs from others. */
  readonly changes: Readonly<Record<string, unknown>>;
  readonly recipe: Recipe;
}

type Changes = Readonly<Record<string, unknown>>;
interface Row {
  readonly name: string;
  readonly changes: Changes;
}

/**
 * @param base the recipe as it was written, parsed but without defaults
 * @param name name of the study, which begins the names of its runs
 * @throws UserError (exit 2) with every problem of every combination
 */
export function expandStudy(base: unknown, study: Study, name: string): CellPlan[] {
  const { rows, seeds } = studyRows(study);
  const problems = new Map<string, Problem>();
  const report = (problem: Problem): unknown => problems.set(`${problem.path}: ${problem.message}`, problem);
  const repeated = rows.map((row) => row.name).filter((row, place, all) => all.indexOf(row) !== place);
  for (const row of new Set(repeated)) report({ path: "study", message: `two rows are called \`${row}\`` });
  const plans = rows.flatMap((row) =>
    seeds.flatMap((seed): CellPlan[] => {
      const value = changedValue(base, [study.set, row.changes, { seed, name: `${name}-${slug(row.name)}-${String(seed)}` }]);
      const parsed = checkShape(value);
      if ("problems" in parsed) {
        for (const problem of parsed.problems) report({ ...problem, message: `${problem.message} (in \`${row.name}\`)` });
        return [];
      }
      return [{ row: row.name, seed, changes: row.changes, recipe: withBudget(parsed.recipe, study.trainingTokens) }];
    }),
  );
  if (problems.size > 0) {
    throw new UserError(
      "study-invalid",
      `The study has ${String(problems.size)} problem${problems.size === 1 ? "" : "s"}:`,
      "Correct these keys of the study or of its recipe.",
      exitCode.badInput,
      [...problems.values()],
    );
  }
  return plans;
}

/** Every combination of variants and matrix, without the seeds. */
function studyRows(study: Study): { rows: Row[]; seeds: number[] } {
  const { seed: seedValues, ...matrix } = study.matrix;
  const seeds = [...new Set((seedValues ?? study.seeds).map(Number))];
  const variants = Object.entries(study.variants);
  let rows: Row[] = variants.length === 0 ? [{ name: "", changes: {} }] : variants.map(([name, changes]) => ({ name, changes }));
  for (const [key, values] of Object.entries(matrix)) {
    rows = rows.flatMap((row) =>
      values.map((value) => ({ name: joined(row.name, `${shortKey(key)} ${shown(value)}`), changes: { ...row.changes, [key]: value } })),
    );
  }
  return { rows: rows.map((row) => (row.name === "" ? { ...row, name: "recipe" } : row)), seeds };
}

function joined(before: string, next: string): string {
  return before === "" ? next : `${before}, ${next}`;
}

/** `selection.topFraction` as `topFraction`: what is left out is the same for the whole column. */
function shortKey(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1);
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A name as part of a folder's name. */
export function slug(text: string): string {
  return text.replace(/[^A-Za-z0-9.]+/gu, "-").replace(/^-+|-+$/gu, "") || "row";
}

/** A copy of the recipe with keys changed. `null` takes a key out, so that its default holds. */
export function changedValue(base: unknown, changes: readonly Changes[]): unknown {
  const value: unknown = structuredClone(base);
  if (isObject(value)) delete value["study"];
  for (const [path, to] of changes.flatMap((each) => Object.entries(each))) setKey(value, splitPath(path), to);
  return value;
}

function setKey(target: unknown, path: readonly (string | number)[], to: unknown): void {
  const [key, next] = path;
  if (key === undefined || !isObject(target)) return;
  if (next === undefined) {
    if (to === null) Reflect.deleteProperty(target, key);
    else target[key] = structuredClone(to);
    return;
  }
  if (!isObject(target[key])) target[key] = typeof next === "number" ? [] : {};
  setKey(target[key], path.slice(1), to);
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

/** Steps and samples such that about `tokens` tokens are trained on, each sample once. */
export function withBudget(recipe: Recipe, tokens: number | undefined): Recipe {
  if (tokens === undefined) return recipe;
  const length = recipe.positions.strategy === "full" ? recipe.targetLength : trainedLength(recipe);
  const { batchSize } = recipe.training;
  const steps = Math.max(1, Math.round(tokens / (batchSize * length)));
  return { ...recipe, training: { ...recipe.training, steps, samples: steps * batchSize } };
}
