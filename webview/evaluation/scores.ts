/** Everything that was measured, as far as the filter lets it through. */
import * as l10n from "@vscode/l10n";
import type { BenchmarkScores, EvaluationDetails, EvaluationSummary } from "../../src/protocol/evaluationView.js";
import type { ChartTheme } from "../charts/chartTheme.js";
import { element } from "../dom.js";
import { benchmark, type TableState } from "./benchmarks.js";
import { filtered, type Filter } from "./filter.js";
import { partialNote } from "./missing.js";
import { gridSection, rulerSection } from "./scoreTable.js";

export interface Drawing {
  readonly theme: ChartTheme;
  readonly width: number;
  readonly tables: TableState;
}

export function scores(summary: EvaluationSummary, details: EvaluationDetails | null, filter: Filter, drawing: Drawing): HTMLElement[] {
  const shown = filtered(summary, details, filter);
  const missing = details?.missing ?? [];
  const draw = (one: BenchmarkScores): HTMLElement => {
    const section = benchmark(one, summary, drawing.theme, drawing.width, drawing.tables);
    section.querySelector("h2")?.after(...partialNote(missing, (task) => task === one.task));
    return section;
  };
  const isRuler = ({ task }: BenchmarkScores): boolean => task.startsWith("ruler/");
  const rulerTasks = shown.benchmarks.filter(isRuler);
  const found = [
    ...shown.benchmarks.filter(({ task }) => task.startsWith("needle")).map(draw),
    ...(shown.ruler === null ? [] : [rulerSection(shown.ruler, missing)]),
    ...(rulerTasks.length === 0
      ? []
      : [folded("ruler-tasks", l10n.t("RULER's {0} tasks", rulerTasks.length), rulerTasks.map(draw), drawing)]),
    ...shown.grids.map((grid) => gridSection(grid, grid.rows, missing)),
    ...shown.benchmarks.filter((one) => !isRuler(one) && !one.task.startsWith("needle")).map(draw),
  ];
  return found.length > 0 ? found : [element("p", { class: "muted", text: l10n.t("No task passes the filter.") })];
}

function folded(key: string, title: string, content: readonly HTMLElement[], { tables }: Drawing): HTMLElement {
  const details = element(
    "details",
    { class: "folded", attributes: { "data-task": key } },
    element("summary", { text: title }),
    ...content,
  );
  details.open = tables.isOpen(key);
  details.addEventListener("toggle", () => tables.toggle(key, details.open));
  return details;
}
