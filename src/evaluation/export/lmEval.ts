/**
 * Results in the form of lm-evaluation-harness's results file (its `EvaluationResults`, 0.4): one file for each model.
 * Tasks at several lengths have one metric for each length, as its own RULER tasks do: `4096,none`.
 */
import { group } from "d3-array";
import type { Results } from "../../protocol/results.js";
import { exportCells, type ExportCell } from "./cells.js";

/** Tasks that it has, too, by the names that it gives them. */
const theirNames: Readonly<Record<string, string>> = {
  "ruler/vt": "ruler_vt",
  "ruler/cwe": "ruler_cwe",
  "ruler/fwe": "ruler_fwe",
  "ruler/qa_1": "ruler_qa_squad",
  "ruler/qa_2": "ruler_qa_hotpot",
};

export interface LmEvalOptions {
  readonly model: string;
  /** What made the results: name and version. */
  readonly producer: string;
  /** When they were made, in milliseconds since the epoch. */
  readonly date: number;
}

/** lm-evaluation-harness's name of a task: `niah_single_1`, `longbench_hotpotqa`, `longrecipe_needle`. */
export function lmEvalTask({ task, length }: Pick<ExportCell, "task" | "length">): string {
  // General ability has its names already.
  if (length === null) return task;
  const plain = task.replace(/^ruler\/(?=niah_)/u, "").replaceAll("/", "_");
  const own = theirNames[task] ?? plain;
  return /^(niah|ruler|longbench|loogle)_/u.test(own) || own.startsWith("longbench-v2") ? own : `longrecipe_${own}`;
}

/** Metrics and their values as results have them. */
type Scores = Record<string, number | string>;

/** @returns JSON: `results`, `group_subtasks`, `configs`, `versions`, `n-shot`, `higher_is_better`, `n-samples`, `config`, ... */
export function lmEvalResults(results: Results, { model, producer, date }: LmEvalOptions) {
  const cells = exportCells(results).filter((cell) => cell.model === model);
  const tasks = group(cells, lmEvalTask);
  const groups = group(
    cells.filter(({ group }) => group !== null),
    ({ group }) => group ?? "",
  );
  const own = (map: (name: string, cells: readonly ExportCell[]) => unknown): Record<string, unknown> =>
    Object.fromEntries([...tasks].map(([name, found]) => [name, map(name, found)]));
  const groupScores = Object.fromEntries([...groups].map(([name, found]) => [name, scoresOfGroup(name, found)]));
  const missing = (results.missing ?? []).filter((one) => one.model === null || one.model === model);
  return {
    results: { ...groupScores, ...own((name, found) => scoresOf(name, found)) },
    ...(groups.size === 0 ? {} : { groups: groupScores }),
    group_subtasks: {
      ...Object.fromEntries([...groups].map(([name, found]) => [name, [...new Set(found.map(lmEvalTask))]])),
      ...Object.fromEntries([...tasks].filter(([, [cell]]) => cell?.group === null).map(([name]) => [name, []])),
    },
    configs: own((name, found) => ({
      task: name,
      output_type: found.some((cell) => !rises(cell)) ? "loglikelihood_rolling" : "generate_until",
      metric_list: [...new Map(found.map((cell) => [metricOf(cell), { metric: metricOf(cell), higher_is_better: rises(cell) }])).values()],
      num_fewshot: 0,
      metadata: { version: 1, source: found[0]?.task, metric: found[0]?.metric },
    })),
    versions: { ...Object.fromEntries([...groups.keys()].map((name) => [name, 1])), ...own(() => 1) },
    "n-shot": own(() => 0),
    higher_is_better: {
      ...Object.fromEntries([...groups].map(([name, found]) => [name, higher(found)])),
      ...own((_, found) => higher(found)),
    },
    "n-samples": own((_, found) => samplesOf(found)),
    config: {
      model: producer,
      model_args: { name: model, run: results.run, window: results.window, target_length: results.targetLength },
      batch_size: null,
      device: null,
      limit: null,
      bootstrap_iters: 0,
    },
    git_hash: null,
    date: date / 1000,
    model_source: producer,
    model_name: model,
    model_name_sanitized: model.replace(/[^\w.-]+/gu, "__"),
    max_length: results.targetLength,
    // Its format has no place for this; a reader who looks for it finds what is not there.
    longrecipe: { complete: missing.length === 0, missing },
  };
}

/** Prompts of all lengths together, as its RULER tasks count them; what several metrics are made of counts once. */
function samplesOf(cells: readonly ExportCell[]): { original: number; effective: number } {
  const effective = new Set(cells.flatMap(({ samples }) => [...samples])).size;
  return { original: effective + Math.max(...cells.map(({ taskMissing }) => taskMissing)), effective };
}

function metricOf({ length, metric }: ExportCell): string {
  return length === null ? metric : String(length);
}

function rises({ task, metric }: ExportCell): boolean {
  // What is gained by distant context, in nats: the more the better.
  return task === "contrast" || (metric !== "perplexity" && metric !== "nats");
}

function higher(cells: readonly ExportCell[]): Record<string, boolean> {
  return Object.fromEntries(cells.map((cell) => [metricOf(cell), rises(cell)]));
}

function scoresOf(alias: string, cells: readonly ExportCell[]): Scores {
  return Object.fromEntries<number | string>([
    ["alias", alias],
    ...cells.flatMap((cell) => [
      [`${metricOf(cell)},none`, cell.value] as const,
      [`${metricOf(cell)}_stderr,none`, cell.stderr ?? "N/A"] as const,
    ]),
  ]);
}

/**
 * The mean of a group at each length, and the error of a mean of independent means. Tasks count alike, as RULER and LongBench
 * have it; those of general ability by their documents, as MMLU has it.
 */
function scoresOfGroup(alias: string, cells: readonly ExportCell[]): Scores {
  const scores: Scores = { alias };
  for (const [metric, found] of group(cells, metricOf)) {
    const weightOf = ({ length, count }: ExportCell): number => (length === null ? count : 1);
    const total = found.reduce((sum, cell) => sum + weightOf(cell), 0);
    scores[`${metric},none`] = found.reduce((sum, cell) => sum + cell.value * weightOf(cell), 0) / total;
    scores[`${metric}_stderr,none`] = found.some(({ stderr }) => stderr === null)
      ? "N/A"
      : Math.sqrt(found.reduce((sum, cell) => sum + ((cell.stderr ?? 0) * weightOf(cell)) ** 2, 0)) / total;
  }
  return scores;
}
