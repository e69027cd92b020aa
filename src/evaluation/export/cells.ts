/** Every score of an evaluation with its standard error: what exports are written from. */
import { furtherMissing, furtherTasks, type FurtherTask } from "../furtherScores.js";
import { group } from "d3-array";
import type { AbilityRow, Missing, ResultRow, Results } from "../../protocol/results.js";
import { measureOf, meanScore, valueOf } from "../measures.js";
import { missingOf } from "../missing.js";

/** A score of one model. */
export interface ExportCell {
  readonly model: string;
  readonly task: string;
  /** What holds the task: ruler, longbench, mmlu; null for one that stands alone. */
  readonly group: string | null;
  /** Tokens; null for general ability, which has no lengths. */
  readonly length: number | null;
  /** acc, score, perplexity, nats. */
  readonly metric: string;
  readonly value: number;
  /** Standard error of the mean over prompts or documents; null where one alone has no spread. */
  readonly stderr: number | null;
  /** Prompts or documents it rests on. */
  readonly count: number;
  /** Prompts that were to be asked and have no answer. */
  readonly missing: number;
  /** Which prompts or documents it rests on: a document may count in the cells of several lengths or metrics. */
  readonly samples: ReadonlySet<string>;
  /** What is missing of the whole task, at any length. */
  readonly taskMissing: number;
}

/** One for each model, task and length; then one for each model, task and metric of general ability. */
export function exportCells(results: Results): ExportCell[] {
  const { rows, abilities = [], missing = [] } = results;
  const prompts = [...group(rows, ({ model, task, length }) => JSON.stringify([model, task, length])).values()];
  return [
    ...prompts.map((own) => promptCell(own, missing)).filter((cell) => cell !== null),
    ...furtherTasks(rows).flatMap((one) => furtherCells(one, missing)),
    ...abilityCells(abilities, missing),
  ];
}

/** One for each model, task and metric of general ability. */
export function abilityCells(rows: readonly AbilityRow[], missing: readonly Missing[]): ExportCell[] {
  const cells = [...group(rows, ({ model, task, metric }) => JSON.stringify([model, task, metric])).values()];
  return cells.map((own) => abilityCell(own, missing)).filter((cell) => cell !== null);
}

function promptCell(rows: readonly ResultRow[], missing: readonly Missing[]): ExportCell | null {
  const [first] = rows;
  const mean = meanScore(rows);
  if (first === undefined || mean === null) return null;
  const measure = measureOf(first.task);
  const value = valueOf(measure, mean);
  const error = standardError(rows, mean);
  return {
    model: first.model,
    task: first.task,
    group: /^(ruler|longbench|longbench-v2|loogle)\//u.exec(first.task)?.[1] ?? null,
    length: first.length,
    metric: measure === "share" ? "acc" : measure,
    value,
    // exp of a mean: to first order its error grows by its own value.
    stderr: error === null ? null : measure === "perplexity" ? value * error : error,
    count: rows.length,
    missing: missingOf(missing, first.model, first.task, first.length),
    samples: new Set(rows.map(({ promptHash, trial }) => `${promptHash} ${String(trial)}`)),
    taskMissing: missingOf(missing, first.model, first.task, null),
  };
}

/** Further scores of the same answers, each as a task that stands alone: no group's mean counts an answer twice. */
function furtherCells(one: FurtherTask, missing: readonly Missing[]): ExportCell[] {
  const cells = [...group(one.rows, ({ model, length }) => JSON.stringify([model, length])).values()];
  return cells.flatMap((rows) => {
    const cell = promptCell(rows, []);
    if (cell === null) return [];
    const lost = furtherMissing(missing, one, cell.model);
    return [{ ...cell, task: `${one.task}/${one.name}`, group: null, missing: lost, taskMissing: lost }];
  });
}

function abilityCell(rows: readonly AbilityRow[], missing: readonly Missing[]): ExportCell | null {
  const [first] = rows;
  const mean = meanScore(rows);
  if (first === undefined || mean === null) return null;
  const { model, task, group = null, metric } = first;
  const stderr = standardError(rows, mean);
  const lost = missingOf(missing, model, task, null);
  return {
    model,
    task,
    group,
    length: null,
    metric,
    value: mean,
    stderr,
    count: rows.length,
    missing: lost,
    samples: new Set(rows.map(({ document }) => String(document))),
    taskMissing: lost,
  };
}

/** Sample standard error of a mean; weighted by tokens where there are some (the ratio estimator of survey sampling). */
function standardError(rows: readonly { readonly score: number; readonly tokens?: number | undefined }[], mean: number): number | null {
  const n = rows.length;
  if (n < 2) return null;
  const weight = rows.reduce((sum, { tokens = 1 }) => sum + tokens, 0) / n;
  const squares = rows.reduce((sum, { score, tokens = 1 }) => sum + (tokens / weight) ** 2 * (score - mean) ** 2, 0);
  return Math.sqrt(squares / (n - 1) / n);
}
