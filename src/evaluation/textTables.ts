/** The results of an evaluation as plain text, for terminals: a table for each benchmark, and what is missing. */
import type { AbilityRow, Missing, ResultRow, Results } from "../protocol/results.js";
import { furtherMissing, furtherTasks } from "./furtherScores.js";
import { perplexityText, scoreText, tokensText } from "./format.js";
import { ascending } from "./lengths.js";
import { isLikelihood, meanScore } from "./measures.js";
import { missingOf } from "./missing.js";
import { summarizeRuler } from "./ruler/effectiveLength.js";
import { orderedModels, summarize } from "./summary.js";

/** Stands behind a score some of whose prompts are missing. */
const partial = "*";

/** @param threshold of RULER's effective length, 0 to 1 */
export function textTables(results: Results, threshold: number): string {
  const { rows, abilities = [], missing = [] } = results;
  const answered = rows.filter(({ task }) => !isLikelihood(task));
  const tasks = [...new Set(answered.map(({ task }) => task))];
  const isPartial: IsPartial = (model, task, length) => missingOf(missing, model, task, length) > 0;
  const byLength = tasks.filter((task) => task.startsWith("needle"));
  const bySet = tasks.filter((task) => !task.startsWith("needle") && !task.startsWith("ruler/"));
  const parts = [
    ...byLength.map((task) => lengthTable(task, answered, isPartial)),
    rulerTable(answered, threshold, missing),
    setTable("Long documents, score in %", bySet, answered, isPartial),
    furtherTable(answered, missing),
    abilityTable(abilities, missing),
    perplexityTable(results),
    missingText(missing),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

type IsPartial = (model: string, task: string, length: number | null) => boolean;

function lengthTable(task: string, all: readonly ResultRow[], isPartial: IsPartial): string {
  const rows = all.filter((row) => row.task === task);
  const lengths = lengthsOf(rows);
  const body = orderedModels(rows).map((model) => [
    model,
    ...lengths.map((length) =>
      cell(
        rows.filter((row) => row.model === model && row.length === length),
        isPartial(model, task, length),
      ),
    ),
  ]);
  return table(`${task}, found in % by length`, ["model", ...lengths.map(tokensText)], body);
}

function rulerTable(all: readonly ResultRow[], threshold: number, missing: readonly Missing[]): string {
  const summaries = summarizeRuler(all, threshold);
  if (summaries.length === 0) return "";
  const lengths = ascending(summaries.flatMap((summary) => summary.lengths.map(({ length }) => length)));
  const tasks = Math.max(...summaries.flatMap((summary) => summary.lengths.map((one) => one.tasks.size)));
  const body = summaries.map(({ model, lengths: own, effective, atLeast }) => [
    model,
    ...lengths.map((length) => {
      const found = own.find((one) => one.length === length);
      const lacks = missing.some((entry) => entry.task.startsWith("ruler/") && entry.length === length && (entry.model ?? model) === model);
      return found === undefined ? "" : `${scoreText(found.mean)}${found.whole && !lacks ? "" : partial}`;
    }),
    effective === null ? "none" : `${tokensText(effective)}${atLeast ? " or more" : ""}`,
  ]);
  const title = `RULER, mean of ${tasks} tasks in % by length; effective length at ${scoreText(threshold)} %`;
  return table(title, ["model", ...lengths.map(tokensText), "effective"], body);
}

function setTable(title: string, tasks: readonly string[], all: readonly ResultRow[], isPartial: IsPartial): string {
  const rows = all.filter(({ task }) => tasks.includes(task));
  const models = orderedModels(rows);
  const body = tasks.map((task) => [
    task,
    ...models.map((model) =>
      cell(
        rows.filter((row) => row.task === task && row.model === model),
        isPartial(model, task, null),
      ),
    ),
  ]);
  return table(title, ["data set", ...models], body);
}

/** Further scores of the same answers. */
function furtherTable(all: readonly ResultRow[], missing: readonly Missing[]): string {
  const further = furtherTasks(all);
  const models = orderedModels(further.flatMap(({ rows }) => rows));
  const body = further.map((one) => [
    `${one.task}: ${one.label}`,
    ...models.map((model) =>
      cell(
        one.rows.filter((row) => row.model === model),
        furtherMissing(missing, one, model) > 0,
      ),
    ),
  ]);
  return table("Further scores of the same answers in %", ["data set and score", ...models], body);
}

/** Groups where tasks belong to one: mmlu rather than its 57 subjects, each of which counts by its questions. */
function abilityTable(rows: readonly AbilityRow[], missing: readonly Missing[]): string {
  const models = [...new Set(rows.map(({ model }) => model))];
  const keyOf = ({ task, group, metric }: AbilityRow): string => `${group ?? task} ${metric}`;
  const keys = [...new Set(rows.map(keyOf))];
  const body = keys.map((key) => [
    key,
    ...models.map((model) => {
      const own = rows.filter((row) => row.model === model && keyOf(row) === key);
      const lacks = missing.some(
        ({ task, model: of }) => (of ?? model) === model && own.some((row) => row.task === task || row.group === task),
      );
      return cell(own, lacks);
    }),
  ]);
  return table("General ability, mean over questions in %", ["task and metric", ...models], body);
}

function perplexityTable(results: Results): string {
  const { perplexity, window } = summarize(results);
  const text = (value: number | null): string => (value === null ? "" : perplexityText(value));
  const body = perplexity.map(({ model, inside, beyond }) => [model, text(inside), text(beyond)]);
  return table("Perplexity", ["model", `inside ${tokensText(window)}`, "beyond"], body);
}

function missingText(missing: readonly Missing[]): string {
  if (missing.length === 0) return "";
  const lines = missing.map(({ model, task, length, count, reason }) => {
    const what = [model ?? "every model", task, ...(length === null ? [] : [`${tokensText(length)} tokens`])].join(", ");
    return `  ${what}: ${count}. ${reason}`;
  });
  return [`Missing (${partial} marks what is not whole):`, ...lines].join("\n");
}

function lengthsOf(rows: readonly ResultRow[]): number[] {
  return ascending(rows.map(({ length }) => length));
}

function cell(rows: readonly { readonly score: number }[], isPartial: boolean): string {
  const mean = meanScore(rows);
  return mean === null ? "" : `${scoreText(mean)}${isPartial ? partial : ""}`;
}

/** The first column to the left, numbers to the right; empty where there is no row. */
function table(title: string, head: readonly string[], body: readonly (readonly string[])[]): string {
  if (body.length === 0) return "";
  const all = [head, ...body];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    widths.map((width, column) => (column === 0 ? (row[column] ?? "").padEnd(width) : (row[column] ?? "").padStart(width))).join("  ");
  return [title, ...all.map((row) => `  ${line(row).trimEnd()}`)].join("\n");
}
