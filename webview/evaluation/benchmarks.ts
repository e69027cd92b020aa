/** Each benchmark as a picture and, folded up beneath it, as a table of numbers. */
import * as l10n from "@vscode/l10n";
import type { BenchmarkScores, EvaluationSummary } from "../../src/protocol/evaluationView.js";
import type { ChartTheme } from "../charts/chartTheme.js";
import { modelStyle } from "../charts/modelStyle.js";
import { symbol } from "../d3.js";
import { element } from "../dom.js";
import { formatLength } from "../format.js";
import { cellText, dotPlot, valueText } from "./dotPlot.js";
import { modelLabel, taskLabel } from "./labels.js";

export interface TableState {
  isOpen(task: string): boolean;
  toggle(task: string, open: boolean): void;
}

export function benchmark(
  scores: BenchmarkScores,
  { window }: EvaluationSummary,
  theme: ChartTheme,
  width: number,
  tables: TableState,
): HTMLElement {
  const table = element(
    "details",
    { attributes: { "data-task": scores.task } },
    element("summary", { text: l10n.t("As a table") }),
    element(
      "div",
      { class: "scroll", attributes: { tabindex: "0", role: "region", "aria-label": taskLabel(scores.task) } },
      scoreTable(scores, window),
    ),
  );
  table.open = tables.isOpen(scores.task);
  table.addEventListener("toggle", () => tables.toggle(scores.task, table.open));
  return element(
    "section",
    { class: "benchmark" },
    element("h2", { text: taskLabel(scores.task) }),
    element("figure", {}, dotPlot(scores, window, theme, width), legend(scores.models, theme)),
    table,
  );
}

function legend(models: readonly string[], theme: ChartTheme): HTMLElement {
  const entries = models.map((model) => {
    const { mark, colour } = modelStyle(model);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of Object.entries({ width: "12", height: "12", viewBox: "-6 -6 12 12", "aria-hidden": "true" }))
      svg.setAttribute(name, value);
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", symbol(mark, 44)() ?? "");
    path.setAttribute("fill", theme.series[colour]);
    svg.append(path);
    return element("li", {}, svg, element("span", { text: modelLabel(model) }));
  });
  return element("ul", { class: "legend" }, ...entries);
}

function scoreTable(scores: BenchmarkScores, window: number): HTMLElement {
  const head = scores.lengths.map((length) =>
    element("th", { text: `${formatLength(length)}${length > window ? " *" : ""}`, attributes: { scope: "col" } }),
  );
  const rows = scores.models.map((model, index) => {
    const cells = scores.lengths.map((_, column) => {
      const cell = scores.cells[index]?.[column] ?? null;
      if (cell === null) return element("td", { text: "–" });
      return element("td", { text: valueText(scores, cell.value), attributes: { title: cellText(scores, cell) } });
    });
    return element("tr", {}, element("th", { text: modelLabel(model), attributes: { scope: "row" } }), ...cells);
  });
  return element(
    "table",
    {},
    element("caption", { text: l10n.t("By length in tokens; * beyond the original window.") }),
    element("thead", {}, element("tr", {}, element("th", { text: l10n.t("Model"), attributes: { scope: "col" } }), ...head)),
    element("tbody", {}, ...rows),
  );
}
