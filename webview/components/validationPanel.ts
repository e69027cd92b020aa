/** What was measured while training: perplexity inside and beyond the original window over the steps, and the newest needle grid. */
import * as l10n from "@vscode/l10n";
import type { ChartTheme } from "../charts/chartTheme.js";
import { LineChart } from "../charts/lineChart.js";
import type { LineChartInput } from "../charts/lineChartTypes.js";
import { NeedleHeatmap } from "../charts/needleHeatmap.js";
import { pointLine } from "../charts/pointLine.js";
import { validationGrid, validationsByStage, type Validation } from "../charts/validationData.js";
import type { Domain } from "../charts/domain.js";
import { element, setAttribute, setText } from "../dom.js";
import { formatInteger, formatLength, formatPerplexity } from "../format.js";
import { stageLabels } from "../labels.js";
import type { RunIdentity } from "../../src/protocol/dashboard.js";

export interface ValidationPanelEvents {
  readonly redraw: (now: boolean) => void;
  readonly say: (text: string) => void;
}

const heatmapWidth = 340;

/** A chart with what it shows: a live run brings messages far more often than validations. */
interface HeldChart {
  readonly chart: LineChart;
  zoom: Domain | null;
  content: string;
  theme: ChartTheme | null;
  /** Resized, zoomed or otherwise in need of drawing. */
  changed: boolean;
}

export class ValidationPanel {
  readonly #charts = element("div", { class: "charts" });
  readonly #map = new NeedleHeatmap({ inspect: () => undefined });
  readonly #which = element("input", {
    attributes: { type: "range", min: "0", step: "1", "aria-label": l10n.t("Checkpoint of the needle grid") },
  });
  readonly #caption = element("span", { class: "hint" });
  readonly #needles = element(
    "div",
    { class: "validation-needles" },
    element("div", { class: "labelled" }, this.#which, this.#caption),
    this.#map.element,
  );
  readonly element = element(
    "section",
    { class: "validation", attributes: { "aria-label": l10n.t("Validation while training") } },
    element("h2", { text: l10n.t("Validation while training") }),
    element("div", { class: "validation-body" }, this.#charts, this.#needles),
  );
  readonly #byStage = new Map<string, HeldChart>();
  /** Which grid is shown, counted from the newest: 0 follows the training. */
  #back = 0;
  #drawn: { readonly shown: string; readonly theme: ChartTheme } | null = null;

  constructor(private readonly events: ValidationPanelEvents) {
    this.#which.addEventListener("input", () => {
      this.#back = Number(this.#which.max) - Number(this.#which.value);
      events.redraw(true);
    });
  }

  draw(identity: RunIdentity, validations: readonly Validation[], theme: ChartTheme): void {
    this.element.hidden = validations.length === 0;
    if (this.element.hidden) return;
    for (const [stage, group] of validationsByStage(validations)) this.#drawChart(stage, group, theme);
    const withNeedles = validations.filter(({ needles }) => needles.length > 0);
    this.#needles.hidden = withNeedles.length === 0;
    const last = withNeedles.length - 1;
    const back = Math.min(this.#back, Math.max(0, last));
    const shown = withNeedles[last - back];
    if (shown === undefined) return;
    setAttribute(this.#which, "max", String(last));
    if (this.#which.value !== String(last - back)) this.#which.value = String(last - back);
    this.#which.hidden = last === 0;
    const stage = shown.stage === null ? "" : `${stageLabels[shown.stage].name}, `;
    const caption = `${stage}${l10n.t("step {0}", formatInteger(shown.step))}${back === 0 ? ` (${l10n.t("newest")})` : ""}`;
    setText(this.#caption, caption);
    setAttribute(this.#which, "aria-valuetext", caption);
    // Every message brings the list anew; the same grid is not drawn twice.
    if (this.#drawn?.shown === caption && this.#drawn.theme === theme) return;
    this.#drawn = { shown: caption, theme };
    const input = {
      grid: validationGrid(shown),
      title: l10n.t("Needles found"),
      window: identity.window,
      target: identity.targetLength,
      formatLength,
    };
    this.#map.draw(input, theme, heatmapWidth);
  }

  #drawChart(stage: string, validations: readonly Validation[], theme: ChartTheme): void {
    const held = this.#byStage.get(stage) ?? this.#addChart(stage);
    const content = `${String(validations.length)} ${String(validations.at(-1)?.step)}`;
    if (held.content === content && held.theme === theme && !held.changed) return;
    Object.assign(held, { content, theme, changed: false });
    held.chart.setInput(perplexityInput(validations));
    held.chart.setZoom(held.zoom);
    held.chart.draw(theme);
  }

  #addChart(stage: string): HeldChart {
    const chart = new LineChart({
      onZoom: (domain) => (held.zoom = domain),
      onChange: (dragging) => {
        held.changed = true;
        this.events.redraw(dragging);
      },
      onRead: (text) => this.events.say(`Validation, ${text}`),
    });
    const held: HeldChart = { chart, zoom: null, content: "", theme: null, changed: true };
    this.#byStage.set(stage, held);
    this.#charts.append(chart.element);
    return held;
  }
}

function perplexityInput(validations: readonly Validation[]): LineChartInput {
  const steps = validations.map(({ step }) => step);
  const inside = validations.map(({ perplexity }) => perplexity.inside);
  const beyond = validations.map(({ perplexity }) => perplexity.beyond ?? NaN);
  const stage = validations[0]?.stage ?? null;
  const series = [{ name: l10n.t("inside W"), line: pointLine(steps, inside), colour: 0, faint: false, dots: true } as const];
  const further = { name: l10n.t("beyond W"), line: pointLine(steps, beyond), colour: 1, faint: false, dots: true } as const;
  return {
    title: stage === null ? l10n.t("Perplexity") : l10n.t("Perplexity, {0}", stageLabels[stage].name),
    series: beyond.some(Number.isFinite) ? [further, ...series] : series,
    axis: "step",
    log: true,
    formatX: (step) => l10n.t("step {0}", formatInteger(step)),
    formatY: formatPerplexity,
    formatTick: (value) => formatPerplexity(value).replace(/\.00$/, ""),
  };
}
