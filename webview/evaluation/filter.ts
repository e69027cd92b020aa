/** Narrows a long evaluation: by words of the tasks' names, and by model. Kept over new states. */
import * as l10n from "@vscode/l10n";
import type { BenchmarkScores, EvaluationDetails, EvaluationSummary, ScoreGrid } from "../../src/protocol/evaluationView.js";
import { element } from "../dom.js";
import { modelLabel, taskLabel } from "./labels.js";
import { gridTitle } from "./scoreTable.js";

export interface Filter {
  /** Words that a task's name must hold. */
  readonly text: string;
  /** Models that are not shown. */
  readonly hidden: readonly string[];
}

/** More tasks than this, and a filter is worth its place. */
const many = 6;

export interface Shown {
  readonly benchmarks: readonly BenchmarkScores[];
  readonly grids: readonly ScoreGrid[];
  readonly ruler: EvaluationDetails["ruler"];
}

/** Tasks and models that pass. */
export function filtered(summary: EvaluationSummary, details: EvaluationDetails | null, { text, hidden }: Filter): Shown {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  const passes = (name: string): boolean => words.every((word) => name.toLowerCase().includes(word));
  const kept = (models: readonly string[]): number[] => models.flatMap((model, place) => (hidden.includes(model) ? [] : [place]));
  const pick = <T>(items: readonly T[], places: readonly number[]): T[] => items.filter((_, place) => places.includes(place));
  const benchmarks = summary.benchmarks
    .filter(({ task }) => !inGrid(task) && passes(`${task} ${taskLabel(task)}`))
    .map((scores) => ({ ...scores, models: pick(scores.models, kept(scores.models)), cells: pick(scores.cells, kept(scores.models)) }))
    .filter(({ models }) => models.length > 0);
  const grids = (details?.grids ?? [])
    .map((grid) => ({
      ...grid,
      models: pick(grid.models, kept(grid.models)),
      rows: grid.rows
        .filter(({ name }) => passes(`${grid.family} ${gridTitle(grid)} ${name ?? ""}`))
        .map((row) => ({ ...row, cells: pick(row.cells, kept(grid.models)) })),
    }))
    .filter(({ models, rows }) => models.length > 0 && rows.length > 0);
  const ruler = details?.ruler ?? null;
  const rulerModels = ruler?.models.filter(({ model }) => !hidden.includes(model)) ?? [];
  return {
    benchmarks,
    grids,
    ruler: ruler === null || rulerModels.length === 0 || !passes("ruler") ? null : { ...ruler, models: rulerModels },
  };
}

function inGrid(task: string): boolean {
  return /^(longbench|longbench-v2|loogle)\//u.test(task);
}

/** Nothing where there is little to narrow. */
export function filterBar(
  summary: EvaluationSummary,
  details: EvaluationDetails | null,
  filter: Filter,
  change: (filter: Filter) => void,
): HTMLElement[] {
  const tasks = summary.benchmarks.length + (details?.grids ?? []).reduce((sum, { rows }) => sum + rows.length, 0);
  const models = [...new Set([...summary.benchmarks, ...(details?.grids ?? [])].flatMap((one) => one.models))];
  if (tasks <= many && models.length <= many) return [];
  const text = element("input", { attributes: { id: "filter", type: "search", placeholder: l10n.t("e.g. needle, vt, mmlu") } });
  text.value = filter.text;
  text.addEventListener("input", () => change({ ...filter, text: text.value }));
  const boxes = models.map((model, place) => {
    const box = element("input", { attributes: { type: "checkbox", id: `model-${String(place)}` } });
    box.checked = !filter.hidden.includes(model);
    box.addEventListener("change", () => {
      const hidden = filter.hidden.filter((one) => one !== model);
      change({ ...filter, hidden: box.checked ? hidden : [...hidden, model] });
    });
    return element("li", {}, box, element("label", { text: modelLabel(model), attributes: { for: box.id } }));
  });
  return [
    element(
      "section",
      { class: "filter" },
      element("label", { text: l10n.t("Tasks"), attributes: { for: "filter" } }),
      text,
      element("fieldset", {}, element("legend", { text: l10n.t("Models") }), element("ul", { class: "models" }, ...boxes)),
    ),
  ];
}

export function readFilter(kept: unknown): Filter {
  if (typeof kept !== "object" || kept === null || !("filter" in kept)) return { text: "", hidden: [] };
  const { filter } = kept;
  if (typeof filter !== "object" || filter === null) return { text: "", hidden: [] };
  const text = "text" in filter && typeof filter.text === "string" ? filter.text : "";
  const hidden = "hidden" in filter && Array.isArray(filter.hidden) ? filter.hidden.filter((one) => typeof one === "string") : [];
  return { text, hidden };
}
