/** One tile a metric: its name, newest value and shape; the chosen one is shown large. A set of radio buttons to the keyboard. */
import * as l10n from "@vscode/l10n";
import type { ChartTheme } from "../charts/chartTheme.js";
import { metricNames, type MetricName, type SeriesBuffer } from "../charts/seriesBuffer.js";
import { drawSparkline } from "../charts/sparkline.js";
import { element, setAttribute, setText } from "../dom.js";
import { formatMetric, metricLabels } from "../format.js";

interface Tile {
  readonly button: HTMLElement;
  readonly value: HTMLElement;
  readonly canvas: HTMLCanvasElement;
}

export class MetricTiles {
  readonly element = element("div", { class: "tiles", attributes: { role: "radiogroup", "aria-label": l10n.t("Metric") } });
  readonly #tiles = new Map<MetricName, Tile>();
  #chosen: MetricName;
  #drawn = "";
  #resized = true;

  constructor(
    chosen: MetricName,
    private readonly choose: (metric: MetricName) => void,
    resized: () => void,
  ) {
    this.#chosen = chosen;
    for (const metric of metricNames) {
      const value = element("span", { class: "tile-value" });
      const canvas = element("canvas", { attributes: { "aria-hidden": "true" } });
      const button = element(
        "div",
        { class: "tile", attributes: { role: "radio", "data-metric": metric } },
        element("span", { class: "tile-name", text: metricLabels[metric] }),
        value,
        canvas,
      );
      button.addEventListener("click", () => this.#pick(metric));
      button.addEventListener("keydown", (event) => this.#onKey(event, metric));
      this.#tiles.set(metric, { button, value, canvas });
      this.element.append(button);
    }
    this.#mark();
    new ResizeObserver(() => {
      this.#resized = true;
      resized();
    }).observe(this.element);
  }

  /** `buffer`: the stage that trains now, or trained last. */
  draw(buffer: SeriesBuffer | undefined, theme: ChartTheme): void {
    // While a person pans, nothing here changes: leave it alone.
    const key = `${String(buffer?.stage)} ${String(buffer?.version)} ${JSON.stringify(theme)}`;
    if (key === this.#drawn && !this.#resized) return;
    this.#drawn = key;
    this.#resized = false;
    for (const [metric, { value, canvas, button }] of this.#tiles) {
      const latest = buffer?.latest(metric) ?? NaN;
      // Where the device's peak is unknown there is no utilization, and no tile that says so for ever.
      button.hidden = metric === "modelFlopsUtilization" && Number.isNaN(latest) && metric !== this.#chosen;
      if (button.hidden) continue;
      const text = formatMetric(metric, latest);
      setText(value, text);
      setAttribute(button, "aria-label", `${metricLabels[metric]} ${text}`);
      drawSparkline(canvas, buffer?.line(metric, "step"), theme, 0);
    }
  }

  #pick(metric: MetricName): void {
    if (metric !== this.#chosen) {
      this.#chosen = metric;
      this.#mark();
      this.choose(metric);
    }
    this.#tiles.get(metric)?.button.focus();
  }

  #onKey(event: KeyboardEvent, metric: MetricName): void {
    const shown = metricNames.filter((name) => this.#tiles.get(name)?.button.hidden === false);
    const index = shown.indexOf(metric);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    const next = shown[(index + (step ?? 0) + shown.length) % shown.length];
    if (next !== undefined) this.#pick(next);
  }

  #mark(): void {
    for (const [metric, { button }] of this.#tiles) {
      button.setAttribute("aria-checked", String(metric === this.#chosen));
      button.tabIndex = metric === this.#chosen ? 0 : -1;
    }
  }
}
