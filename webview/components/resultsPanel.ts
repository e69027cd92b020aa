/** The evaluation: needle heat maps side by side, accuracy by length, perplexity; as pictures or as tables. */
import { AccuracyChart } from "../charts/accuracyChart.js";
import type { ChartTheme } from "../charts/chartTheme.js";
import { modelStyle } from "../charts/modelStyle.js";
import { accuracyByLength, needleGrids, needleTasks, perplexities, type NeedleCell } from "../charts/needleData.js";
import { NeedleHeatmap } from "../charts/needleHeatmap.js";
import { element } from "../dom.js";
import { formatInteger, formatLength, formatPercent } from "../format.js";
import { createCheckbox, createDropdown } from "../toolkit.js";
import type { ViewState } from "../viewState.js";
import { accuracyTable, needleTable, perplexityTable } from "./resultTables.js";
import type { Results } from "../../src/protocol/results.js";

export interface ResultsPanelEvents {
  readonly change: (state: Partial<ViewState>) => void;
  readonly redraw: (now: boolean) => void;
}

/** A heat map narrower than this is no longer read; they wrap before. */
const leastHeatmap = 230;
const columnGap = 16;

export class ResultsPanel {
  readonly #body = element("div", { class: "results-body" });
  readonly #toolbar = element("div", { class: "toolbar" });
  readonly element = element(
    "section",
    { class: "results", attributes: { "aria-label": "Evaluation" } },
    element("h2", { text: "Evaluation" }),
    this.#toolbar,
    this.#body,
  );
  #drawn: { results: Results; theme: ChartTheme; width: number; tables: boolean; task: string | null } | null = null;

  constructor(
    private state: ViewState,
    private readonly events: ResultsPanelEvents,
  ) {
    new ResizeObserver(() => {
      if (this.#drawn !== null && this.#drawn.width !== this.#body.clientWidth) events.redraw(true);
    }).observe(this.#body);
  }

  /** Draws anew only when results, theme, width or a choice differ from what is on the page. */
  draw(results: Results | null, theme: ChartTheme): void {
    this.element.hidden = results === null || results.rows.length === 0;
    if (results === null || this.element.hidden) return;
    const { tables, task } = this.state;
    const width = this.#body.clientWidth;
    const last = this.#drawn;
    if (last?.results === results && last.theme === theme && last.width === width && last.tables === tables && last.task === task) return;
    if (last?.results !== results) this.#buildToolbar(results);
    this.#drawn = { results, theme, width, tables, task };
    this.#body.replaceChildren(...(tables ? this.#tables(results) : this.#pictures(results, theme, width)), ...perplexitySection(results));
  }

  #buildToolbar(results: Results): void {
    const tasks = needleTasks(results);
    const controls = [createCheckbox("Show as tables", this.state.tables, (tables) => this.#change({ tables })).element];
    if (tasks.length > 1) {
      const options = tasks.map((task) => ({ value: task, label: task }));
      controls.unshift(createDropdown("Task", options, this.#task(results) ?? "", (task) => this.#change({ task })).element);
    }
    this.#toolbar.replaceChildren(...controls);
  }

  #task(results: Results): string | undefined {
    const tasks = needleTasks(results);
    return tasks.find((task) => task === this.state.task) ?? tasks[0];
  }

  #tables(results: Results): HTMLElement[] {
    const task = this.#task(results);
    if (task === undefined) return [];
    return [accuracyTable(accuracyByLength(results, task)), ...needleGrids(results, task).map(needleTable)];
  }

  #pictures(results: Results, theme: ChartTheme, width: number): HTMLElement[] {
    const task = this.#task(results);
    if (task === undefined) return [];
    const grids = needleGrids(results, task);
    const details = element("div", { class: "cell-details" }, element("p", { class: "hint", text: "Point at a cell to see the answers" }));
    const inspect = (model: string, cell: NeedleCell): void => details.replaceChildren(...cellDetails(model, cell));
    const columns = Math.max(1, Math.min(grids.length, Math.floor((width + columnGap) / (leastHeatmap + columnGap))));
    // Four in a row, or two and two: three and one would look as if one were missing.
    const even = columns >= grids.length ? columns : Math.ceil(grids.length / Math.ceil(grids.length / columns));
    const share = Math.floor((width - (even - 1) * columnGap) / even);
    const row = element("div", { class: "heatmaps" });
    for (const grid of grids) {
      const map = new NeedleHeatmap(inspect);
      map.draw({ grid, window: results.window, target: results.targetLength, formatLength }, theme, Math.min(share, 560));
      row.append(map.element);
    }
    const chart = new AccuracyChart();
    const input = { lines: accuracyByLength(results, task), window: results.window, target: results.targetLength, formatLength };
    const byLength = element(
      "div",
      { class: "by-length" },
      element("div", {}, element("h3", { text: "Needles found by length" }), chart.element),
      details,
    );
    // The grid's own columns decide the width: it must be on the page to be measured.
    this.#body.replaceChildren(byLength);
    chart.draw(input, theme, Math.min(chart.element.clientWidth, 900), 200);
    return [
      element("h3", { text: "Needles found by length and depth" }),
      element("p", {
        class: "hint",
        text: `W: original window, ${formatInteger(results.window)} tokens. T: target, ${formatInteger(results.targetLength)}. In %, prompt length across, depth down.`,
      }),
      row,
      byLength,
    ];
  }

  #change(change: Partial<ViewState>): void {
    this.state = { ...this.state, ...change };
    this.events.change(change);
    this.events.redraw(true);
  }
}

function perplexitySection(results: Results): HTMLElement[] {
  const { bins, rows } = perplexities(results);
  return rows.length === 0 ? [] : [perplexityTable(bins, rows, results.window)];
}

function cellDetails(model: string, { length, depth, mean, trials }: NeedleCell): HTMLElement[] {
  const right = trials.filter((row) => row.score === 1).length;
  const head = `${modelStyle(model).label} · ${formatInteger(length)} tokens · depth ${formatPercent(depth)} · ${String(right)} of ${String(trials.length)} right`;
  const shown = trials
    .slice(0, 5)
    .map((row) =>
      element(
        "li",
        { class: row.score === 1 ? "right" : "wrong" },
        element("span", { class: "verdict", text: row.score === 1 ? "right" : row.score > 0 ? formatPercent(row.score) : "wrong" }),
        element("code", { text: row.answer ?? "no answer" }),
        ...(row.score === 1 || row.expected === null
          ? []
          : [element("span", { text: " expected " }), element("code", { text: row.expected })]),
      ),
    );
  return [element("p", { text: Number.isNaN(mean) ? "" : head }), element("ul", {}, ...shown)];
}
