/** General ability: lm-evaluation-harness's tasks, measured by the worker, as rows of the results. */
import { join, relative, resolve } from "node:path";
import { glob } from "tinyglobby";
import type { AbilitySettings } from "../../../protocol/recipe/ability.js";
import type { AbilityRow, Missing } from "../../../protocol/results.js";
import { abilityReportSchema, type AbilityReport } from "../../../protocol/tables.js";
import { readNote } from "../../tables/metadata.js";
import { readRows } from "../../tables/reader.js";
import { hashFile } from "../corpusFiles.js";
import type { EvaluationTask, EvaluationTools } from "./benchmark.js";
import { withCache } from "./cache.js";

export interface AbilityOutcome {
  readonly rows: AbilityRow[];
  readonly missing: Missing[];
}

/** Table of a model's scores, in the evaluation's folder. */
export function abilityTable(directory: string, model: string): string {
  return join(directory, `abilities-${model}.arrow`);
}

/** How the tasks went under one model: versions, examples, aggregates. @throws UserError for a table that is not whole. */
export async function readAbilityReport(table: string): Promise<AbilityReport> {
  return abilityReportSchema.parse(JSON.parse(await readNote(table, "longrecipe.ability")));
}

/** What a person's own tasks are: names and contents of all files of the folder; null where the recipe names none. */
export async function abilityInputs(settings: AbilitySettings, recipeDirectory: string): Promise<unknown> {
  if (!settings.enabled || settings.include === undefined) return null;
  const folder = resolve(recipeDirectory, settings.include);
  const files = await glob("**/*", { cwd: folder, absolute: true, ignore: ["**/__pycache__/**"], expandDirectories: false });
  const entries = files.sort().map(async (file) => [relative(folder, file), await hashFile(file)]);
  return Promise.all(entries);
}

/**
 * Every task under every model. A task that could not be measured is among the missing, with its reason; so are
 * prompts that did not fit.
 * @throws UserError when the worker lacks lm-evaluation-harness, or fails; Interrupted
 */
export async function runAbility(tools: EvaluationTools, task: EvaluationTask): Promise<AbilityOutcome> {
  const { ability } = task.evaluation;
  if (!ability.enabled) return { rows: [], missing: [] };
  const { tasks, include, limit, fewShot, chatTemplate, maxLength, batchSize, allowCode } = ability;
  const asked = {
    ...(limit === undefined ? {} : { limit }),
    ...(fewShot === undefined ? {} : { fewShot }),
    ...(maxLength === undefined ? {} : { maxLength }),
    chatTemplate,
    allowCode,
  };
  const table = (name: string): string => abilityTable(tools.directory, name);
  await withCache({
    cache: task.cache,
    models: task.models,
    question: { kind: "ability", ...asked, tasks: [...tasks].sort(), own: await abilityInputs(ability, tools.recipeDirectory) },
    table,
    work: (models) =>
      tools.runJob({
        kind: "ability",
        models: [...models],
        tasks,
        ...asked,
        ...(include === undefined ? {} : { include: resolve(tools.recipeDirectory, include) }),
        ...(batchSize === undefined ? {} : { batchSize }),
        output: tools.directory,
      }),
    // What is missing now may be there the next time.
    isWhole: async (made) => (await readAbilityReport(made)).missing.length === 0,
  });
  const outcomes = await Promise.all(task.models.map(({ name }) => outcomeOf(name, table(name), tasks)));
  return { rows: outcomes.flatMap(({ rows }) => rows), missing: outcomes.flatMap(({ missing }) => missing) };
}

async function outcomeOf(model: string, table: string, asked: readonly string[]): Promise<AbilityOutcome> {
  const report = await readAbilityReport(table);
  const groups = groupsOf(report, asked);
  const rows: AbilityRow[] = [];
  for await (const { task, metric, document, score } of readRows(table, "abilities")) {
    const group = groups.get(task);
    rows.push({ model, task, ...(group === undefined ? {} : { group }), metric, document, score });
  }
  const cut = Object.entries(report.tasks).filter(([, { cut }]) => cut > 0);
  return {
    rows,
    missing: [
      ...report.missing.map(({ task, message }) => ({ model, task, length: null, count: 1, reason: message })),
      ...cut.map(([task, { cut: count }]) => ({
        model,
        task,
        length: null,
        count,
        reason: "Prompts longer than the model may see lost their beginning; their scores count all the same.",
      })),
    ],
  };
}

/** The group that was asked for, by task: the first one, where several hold a task; tasks asked for by name have none. */
function groupsOf(report: AbilityReport, asked: readonly string[]): Map<string, string> {
  const groups = new Map<string, string>();
  for (const name of asked) {
    for (const task of report.groups[name]?.tasks ?? []) {
      if (!asked.includes(task) && !groups.has(task)) groups.set(task, name);
    }
  }
  return groups;
}
