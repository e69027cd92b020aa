/** The training curves: tiles to choose a metric, settings, and one chart a training stage. */
import * as l10n from "@vscode/l10n";
import type { ChartTheme } from "../charts/chartTheme.js";
import { LineChart } from "../charts/lineChart.js";
import type { ChartSeries, LineChartInput } from "../charts/lineChartTypes.js";
import type { SeriesBuffer } from "../charts/seriesBuffer.js";
import { element } from "../dom.js";
import { formatClock, formatInteger, formatMetric, formatTick, metricLabels } from "../format.js";
import { stageLabels } from "../labels.js";
import { createButton, createCheckbox, createDropdown, type ButtonControl } from "../toolkit.js";
import { smoothingNames, smoothings, type ViewState } from "../viewState.js";
import type { ComparedRun } from "../store.js";
import { ComparePicker } from "./comparePicker.js";
import { MetricTiles } from "./metricTiles.js";
import { otherLines } from "./otherLines.js";
import type { OtherRun } from "../../src/protocol/dashboard.js";
import type { StageName } from "../../src/protocol/stages.js";

export interface MetricPanelInput {
  /** Name of the run, which its line bears where others lie beside it. */
  readonly name: string;
  readonly buffers: ReadonlyMap<StageName, SeriesBuffer>;
  readonly compared: readonly ComparedRun[];
  readonly others: readonly OtherRun[];
  readonly current: StageName | null;
  /** What to say while there is nothing to show. */
  readonly waiting: string;
}

export interface MetricPanelEvents {
  readonly compare: (directories: readonly string[]) => void;
  readonly change: (state: Partial<ViewState>) => void;
  readonly redraw: (now: boolean) => void;
  readonly say: (text: string) => void;
}

const smoothingLabels = { off: l10n.t("Off"), light: l10n.t("Light"), medium: l10n.t("Medium"), strong: l10n.t("Strong") } as const;

export class MetricPanel {
  readonly element: HTMLElement;
  readonly #charts = new Map<StageName, LineChart>();
  readonly #grid = element("div", { class: "charts" });
  readonly #empty = element("p", { class: "empty" });
  readonly #tiles: MetricTiles;
  readonly #reset: ButtonControl;
  readonly #compare: ComparePicker;
  readonly #toolbar: HTMLElement;

  constructor(
    private state: ViewState,
    private readonly events: MetricPanelEvents,
  ) {
    this.#tiles = new MetricTiles(
      state.metric,
      (metric) => this.#change({ metric }),
      () => events.redraw(true),
    );
    this.#reset = createButton(l10n.t("Reset Zoom"), false, () => this.#resetZoom());
    const axis = createDropdown(
      l10n.t("Axis"),
      [
        { value: "step", label: l10n.t("Steps") },
        { value: "time", label: l10n.t("Time") },
      ],
      state.axis,
      (chosen) => this.#change({ axis: chosen, zoom: {} }),
    );
    const smoothing = createDropdown(
      l10n.t("Smoothing"),
      smoothingNames.map((value) => ({ value, label: smoothingLabels[value] })),
      state.smoothing,
      (chosen) => this.#change({ smoothing: chosen }),
    );
    const log = createCheckbox(l10n.t("Log scale"), state.log, (chosen) => this.#change({ log: chosen }));
    const hint = element("span", { class: "hint", text: l10n.t("Drag to zoom, Shift+drag to pan, double-click to reset") });
    this.#compare = new ComparePicker(state.compared, (compared) => {
      this.#change({ compared });
      events.compare(compared);
    });
    const controls = [smoothing.element, axis.element, log.element, this.#compare.element, this.#reset.element, hint];
    this.#toolbar = element("div", { class: "toolbar" }, ...controls);
    this.element = element(
      "section",
      { class: "metrics", attributes: { "aria-label": l10n.t("Training") } },
      element("h2", { text: l10n.t("Training") }),
      this.#tiles.element,
      this.#toolbar,
      this.#grid,
      this.#empty,
    );
  }

  draw(input: MetricPanelInput, theme: ChartTheme): void {
    const { waiting, current } = input;
    const filled = [...input.buffers.values()].filter((buffer) => buffer.length > 0);
    this.#empty.hidden = filled.length > 0;
    this.#toolbar.hidden = this.#tiles.element.hidden = this.#grid.hidden = filled.length === 0;
    if (this.#empty.textContent !== waiting) this.#empty.textContent = waiting;
    this.#prune(new Set(filled.map(({ stage }) => stage)));
    for (const buffer of filled) {
      const chart = this.#charts.get(buffer.stage) ?? this.#addChart(buffer.stage);
      chart.setInput(this.#chartInput(buffer, input));
      chart.setZoom(this.state.zoom[buffer.stage] ?? null);
      chart.draw(theme);
    }
    this.#tiles.draw(filled.find(({ stage }) => stage === current) ?? filled.at(-1), theme);
    this.#compare.update(input.others);
    this.#reset.update({ disabled: Object.keys(this.state.zoom).length === 0 });
  }

  #chartInput(buffer: SeriesBuffer, { name: run, compared }: MetricPanelInput): LineChartInput {
    const { metric, axis, smoothing, log } = this.state;
    const weight = smoothings[smoothing];
    const others = otherLines(buffer, compared, { metric, axis, weight });
    const name = others.length > 0 && weight === 0 ? run : metricLabels[metric];
    const raw: ChartSeries = { name, line: buffer.line(metric, axis), colour: 0, faint: weight > 0 };
    const smooth: ChartSeries = {
      name: others.length > 0 ? run : l10n.t("smoothed"),
      line: weight > 0 ? buffer.smoothed(metric, axis, weight) : raw.line,
      colour: 0,
      faint: false,
    };
    return {
      title: stageLabels[buffer.stage].name,
      series: [...others, ...(weight > 0 ? [raw, smooth] : [raw])],
      axis,
      log,
      formatX: (value) => (axis === "time" ? formatClock(value) : l10n.t("step {0}", formatInteger(value))),
      formatY: (value) => formatMetric(metric, value),
      formatTick: (value) => formatTick(metric, value),
    };
  }

  #addChart(stage: StageName): LineChart {
    const chart = new LineChart({
      onZoom: (domain) => {
        const others = Object.entries(this.state.zoom).filter(([name]) => name !== stage);
        const zoom = Object.fromEntries(domain === null ? others : [...others, [stage, domain]]);
        this.#change({ zoom }, false);
      },
      onChange: this.events.redraw,
      onRead: (text) => this.events.say(`${stageLabels[stage].name}, ${text}`),
    });
    this.#charts.set(stage, chart);
    this.#grid.append(chart.element);
    return chart;
  }

  #prune(stages: ReadonlySet<StageName>): void {
    for (const [stage, chart] of this.#charts) {
      if (stages.has(stage)) continue;
      chart.dispose();
      this.#charts.delete(stage);
    }
  }

  #resetZoom(): void {
    this.#change({ zoom: {} });
  }

  #change(change: Partial<ViewState>, redraw = true): void {
    this.state = { ...this.state, ...change };
    this.events.change(change);
    if (redraw) this.events.redraw(true);
  }
}
