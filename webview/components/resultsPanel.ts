/** The evaluation: needle heat maps, accuracy by length, perplexity; as pictures or as tables, and to keep. */
import * as l10n from "@vscode/l10n";
import type { ChartTheme } from "../charts/chartTheme.js";
import { accuracyByLength, needleGrids, needleTasks, perplexities } from "../charts/needleData.js";
import { needleCsv } from "../charts/needleCsv.js";
import { joinedSvg, svgToPng } from "../charts/pictures.js";
import { element } from "../dom.js";
import { createButton, createCheckbox, createDropdown } from "../toolkit.js";
import type { ViewState } from "../viewState.js";
import { drawNeedles, shownGrids } from "./needleSection.js";
import { accuracyTable, needleTable, perplexityTable } from "./resultTables.js";
import type { DashboardToHost, PictureFormat } from "../../src/protocol/dashboard.js";
import type { Results } from "../../src/protocol/results.js";

export interface ResultsPanelEvents {
  readonly change: (state: Partial<ViewState>) => void;
  readonly redraw: (now: boolean) => void;
  readonly post: (message: DashboardToHost) => void;
}

interface Drawn {
  readonly results: Results;
  readonly theme: ChartTheme;
  readonly width: number;
  readonly choices: string;
}

export class ResultsPanel {
  readonly #body = element("div", { class: "results-body" });
  readonly #toolbar = element("div", { class: "toolbar" });
  readonly element = element(
    "section",
    { class: "results", attributes: { "aria-label": l10n.t("Evaluation") } },
    element("h2", { text: l10n.t("Evaluation") }),
    this.#toolbar,
    this.#body,
  );
  #drawn: Drawn | null = null;

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
    const { tables, task, difference } = this.state;
    const choices = JSON.stringify([tables, task, difference]);
    const width = this.#body.clientWidth;
    const last = this.#drawn;
    if (last?.results === results && last.theme === theme && last.width === width && last.choices === choices) return;
    if (last?.results !== results) this.#buildToolbar(results);
    this.#drawn = { results, theme, width, choices };
    this.#body.replaceChildren(...(tables ? this.#tables(results) : this.#pictures(results, theme, width)), ...perplexitySection(results));
  }

  #buildToolbar(results: Results): void {
    const tasks = needleTasks(results);
    const controls = [createCheckbox(l10n.t("Show as tables"), this.state.tables, (tables) => this.#change({ tables })).element];
    if (tasks.length > 1) {
      const options = tasks.map((task) => ({ value: task, label: task }));
      controls.unshift(createDropdown(l10n.t("Task"), options, this.#task(results) ?? "", (task) => this.#change({ task })).element);
    }
    if (tasks.length > 0) {
      if (results.rows.some(({ model }) => model === "base")) {
        controls.push(
          createCheckbox(l10n.t("Difference to base"), this.state.difference, (difference) => this.#change({ difference })).element,
        );
      }
      controls.push(this.#keepButtons());
    }
    this.#toolbar.replaceChildren(...controls);
  }

  #keepButtons(): HTMLElement {
    const group = element(
      "span",
      { class: "labelled keep", attributes: { role: "group", "aria-label": l10n.t("Save the heat maps") } },
      l10n.t("Save as"),
    );
    for (const format of ["png", "svg", "csv"] as const) {
      group.append(createButton(format.toUpperCase(), false, () => void this.#keep(format)).element);
    }
    return group;
  }

  async #keep(format: PictureFormat): Promise<void> {
    const drawn = this.#drawn;
    const task = drawn === null ? undefined : this.#task(drawn.results);
    if (drawn === null || task === undefined) return;
    const name = `${drawn.results.run}-${task}${this.state.difference ? "-difference" : ""}`;
    if (format === "csv") {
      this.events.post({
        type: "export",
        format,
        name,
        data: needleCsv(shownGrids({ ...drawn, task, difference: this.state.difference })),
      });
      return;
    }
    // Tables have no picture: the heat maps are drawn for the file.
    if (this.state.tables) this.#body.replaceChildren(...this.#pictures(drawn.results, drawn.theme, drawn.width));
    const svg = joinedSvg(this.#body.querySelectorAll<HTMLElement>(".heatmap"), drawn.theme);
    if (this.state.tables) this.#drawn = null;
    this.events.redraw(true);
    this.events.post({ type: "export", format, name, data: format === "svg" ? svg.text : await svgToPng(svg) });
  }

  #task(results: Results): string | undefined {
    const tasks = needleTasks(results);
    return tasks.find((task) => task === this.state.task) ?? tasks[0];
  }

  #tables(results: Results): HTMLElement[] {
    const task = this.#task(results);
    if (task === undefined) return [];
    const { difference } = this.state;
    const grids = difference
      ? shownGrids({ results, task, difference })
      : needleGrids(results, task).map((grid) => ({ grid, title: null }));
    return [accuracyTable(accuracyByLength(results, task)), ...grids.map(({ grid, title }) => needleTable(grid, title))];
  }

  #pictures(results: Results, theme: ChartTheme, width: number): HTMLElement[] {
    const task = this.#task(results);
    if (task === undefined) return [];
    const open = (promptHash: string): void => this.events.post({ type: "prompt", promptHash });
    return drawNeedles(this.#body, { results, task, difference: this.state.difference }, theme, width, open);
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
