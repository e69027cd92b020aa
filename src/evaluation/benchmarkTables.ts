/** The report's tables of benchmarks: RULER, LongBench, LooGLE, further needles, general ability. */
import type { AbilityRow, ResultRow, Results } from "../protocol/results.js";
import { inPercent, percent, scoreText, tokensText } from "./format.js";
import { wilson } from "./intervals.js";
import { ascending } from "./lengths.js";
import { bucketEnds } from "./longbench/sets.js";
import { v2Groups } from "./longbench/drafts.js";
import { looGleTable } from "./looGleTable.js";
import { meanScore } from "./measures.js";
import { missingOf } from "./missing.js";
import type { TextTable } from "./report.js";
import { summarizeRuler } from "./ruler/effectiveLength.js";
import { orderedModels } from "./summary.js";

/** What a cell with missing prompts is marked with. */
const partial = " †";
const partialNote = "† Prompts are missing: not comparable, see below.";

/** Every table of a benchmark that was run. */
export function benchmarkTables(results: Results, threshold: number): TextTable[] {
  return [
    ...rulerTables(results, threshold),
    ...["needle-single", "needle-passkey", "needle-uuid", "needle-multi"].map((task) =>
      lengthTable(results, task, needleTitles[task] ?? task, tokensText),
    ),
    familyTable(results, "longbench", "LongBench"),
    ...longBenchE(results),
    ...longBenchV2(results),
    familyTable(results, "loogle", "LooGLE"),
    looGleTable(results),
    abilityTable(results),
  ].filter((table) => table.rows.length > 0);
}

const needleTitles: Readonly<Record<string, string>> = {
  "needle-single": "Needle without distractors",
  "needle-passkey": "Pass key",
  "needle-uuid": "UUID needle",
  "needle-multi": "Several needles",
};

/** Tasks down, lengths across, one table a model; then the means and the effective lengths side by side. */
function rulerTables(results: Results, threshold: number): TextTable[] {
  const summaries = summarizeRuler(results.rows, threshold);
  const lengths = ascending(summaries.flatMap((one) => one.lengths.map(({ length }) => length)));
  if (lengths.length === 0) return [];
  const columns = lengths.map((length) => `${tokensText(length)}${length > results.window ? " *" : ""}`);
  const overview: TextTable = {
    title: "RULER",
    head: ["model", ...columns, "mean", "rising", "falling", "effective length"],
    rows: summaries.map(({ model, lengths: own, effective, atLeast, averages }) => [
      model,
      ...lengths.map((length) => {
        const found = own.find((one) => one.length === length);
        return found === undefined ? "–" : `${scoreText(found.mean)}${found.whole ? "" : partial}`;
      }),
      ...(averages === null ? ["–", "–", "–"] : [averages.even, averages.rising, averages.falling].map(scoreText)),
      effective === null ? `below ${tokensText(lengths[0] ?? 0)}` : `${atLeast ? "at least " : ""}${tokensText(effective)}`,
    ]),
    note: `Mean of the tasks in percent by prompt length. Effective length: the longest whose mean reaches ${percent(threshold, { digits: 1 })}. Rising and falling: averages over lengths with weights that rise or fall with the length, as published. * beyond the original window. † Not every task was measured.`,
  };
  const tables = summaries.map(({ model, lengths: own }): TextTable => {
    const tasks = [...new Set(own.flatMap(({ tasks: means }) => [...means.keys()]))];
    return {
      title: `RULER of ${model} by task`,
      head: ["task", ...columns],
      rows: tasks.map((task) => [
        task,
        ...lengths.map((length) => {
          const mean = own.find((one) => one.length === length)?.tasks.get(task);
          return mean === undefined ? "–" : `${scoreText(mean)}${mark(results, model, `ruler/${task}`, length)}`;
        }),
      ]),
      note: `Mean score in percent over the prompts of a task and length. ${partialNote}`,
    };
  });
  return [overview, ...tables];
}

/** One task by length. */
function lengthTable(results: Results, task: string, title: string, name: (length: number) => string, note = ""): TextTable {
  const rows = results.rows.filter((row) => row.task === task);
  const lengths = ascending(rows.map(({ length }) => length));
  return {
    title,
    head: ["model", ...lengths.map(name), "all"],
    rows: orderedModels(rows).map((model) => {
      const own = rows.filter((row) => row.model === model);
      return [
        model,
        ...lengths.map((length) =>
          cell(
            results,
            own.filter((row) => row.length === length),
            model,
            task,
            length,
          ),
        ),
        cell(results, own, model, task, null),
      ];
    }),
    note: `Mean score in percent with 95 % intervals (Wilson). ${note}${partialNote}`,
  };
}

/** Data sets of a family down, models across; the last line is their mean. */
function familyTable(results: Results, family: string, title: string): TextTable {
  const rows = results.rows.filter(({ task }) => task.startsWith(`${family}/`));
  const models = orderedModels(rows);
  const tasks = [...new Set(rows.map(({ task }) => task))];
  const scoresOf = (task: string, model: string): ResultRow[] => rows.filter((row) => row.task === task && row.model === model);
  const mean = (model: string): string => {
    const means = tasks.map((task) => meanScore(scoresOf(task, model)));
    const whole = means.filter((one) => one !== null);
    if (whole.length < tasks.length || whole.length === 0) return "–";
    const lost = (results.missing ?? []).some((one) => one.task.startsWith(`${family}/`) && (one.model === null || one.model === model));
    return `${scoreText(whole.reduce((sum, one) => sum + one, 0) / whole.length)}${lost ? partial : ""}`;
  };
  return {
    title,
    head: ["data set", ...models],
    rows: [
      ...tasks.map((task) => [
        task.slice(family.length + 1),
        ...models.map((model) => cell(results, scoresOf(task, model), model, task, null)),
      ]),
      ...(tasks.length > 1 ? [["mean of the data sets", ...models.map(mean)]] : []),
    ],
    note: `Published metrics, mean score in percent with 95 % intervals (Wilson). ${partialNote}`,
  };
}

/** LongBench-E: each data set by its buckets. */
function longBenchE(results: Results): TextTable[] {
  const names = new Map([
    [bucketEnds[0], "0–4k"],
    [bucketEnds[1], "4–8k"],
    [bucketEnds[2], "8k+"],
  ] as readonly (readonly [number, string])[]);
  const tasks = [...new Set(results.rows.map(({ task }) => task).filter((task) => task.startsWith("longbench-e/")))];
  return tasks.map((task) =>
    lengthTable(
      results,
      task,
      `LongBench-E: ${task.slice("longbench-e/".length)}`,
      (length) => names.get(length) ?? tokensText(length),
      "Lengths in words. ",
    ),
  );
}

/** LongBench v2 as published: overall, by difficulty, by length. */
function longBenchV2(results: Results): TextTable[] {
  const rows = results.rows.filter(({ task }) => task.startsWith("longbench-v2/"));
  const missing = (results.missing ?? []).some(({ task }) => task.startsWith("longbench-v2"));
  const columns: readonly (readonly [string, (row: ResultRow) => boolean])[] = [
    ["overall", () => true],
    ["easy", ({ task }) => task.endsWith("/easy")],
    ["hard", ({ task }) => task.endsWith("/hard")],
    ...Object.entries(v2Groups).map(([name, end]) => [name, ({ length }: ResultRow) => length === end] as const),
  ];
  return [
    {
      title: "LongBench v2",
      head: ["model", ...columns.map(([name]) => name)],
      rows: orderedModels(rows).map((model) => [
        model,
        ...columns.map(([, keep]) => `${interval(rows.filter((row) => row.model === model && keep(row)))}${missing ? partial : ""}`),
      ]),
      note: `Share of right letters in percent with 95 % intervals (Wilson); 25 is chance. Answers without a letter are wrong. ${missing ? partialNote : ""}`.trim(),
    },
  ];
}

/** General ability by group or task and metric. */
function abilityTable({ abilities = [], missing = [] }: Results): TextTable {
  const models = orderedModels(abilities);
  const name = ({ group, task, metric }: AbilityRow): string => `${group ?? task} (${metric})`;
  return {
    title: "General ability",
    head: ["task", ...models],
    rows: [...new Set(abilities.map(name))].map((task) => [
      task,
      ...models.map((model) => {
        const own = abilities.filter((row) => row.model === model && name(row) === task);
        const lost = [...new Set(own.map((row) => row.task))].some((one) => missingOf(missing, model, one, null) > 0);
        return `${interval(own)}${lost ? partial : ""}`;
      }),
    ]),
    note: `By lm-evaluation-harness: mean over the documents in percent with 95 % intervals (Wilson). ${partialNote}`,
  };
}

function cell(results: Results, rows: readonly ResultRow[], model: string, task: string, length: number | null): string {
  return rows.length === 0 ? "–" : `${interval(rows)}${mark(results, model, task, length)}`;
}

function mark({ missing = [] }: Results, model: string, task: string, length: number | null): string {
  return missingOf(missing, model, task, length) > 0 ? partial : "";
}

/** Scores from 0 to 1 in percent with their interval; others (perplexities of lm-evaluation-harness) as they are. */
function interval(rows: readonly { readonly score: number }[]): string {
  if (rows.length === 0) return "–";
  const sum = rows.reduce((total, row) => total + row.score, 0);
  if (rows.some((row) => row.score < 0 || row.score > 1)) return (sum / rows.length).toFixed(3);
  const { low, high } = wilson(sum, rows.length);
  return `${scoreText(sum / rows.length)} (${inPercent(low)}–${inPercent(high)})`;
}
