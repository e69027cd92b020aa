/** Needle heat maps side by side or as differences, accuracy by length, and the answers behind the cells. */
import * as l10n from "@vscode/l10n";
import { AccuracyChart } from "../charts/accuracyChart.js";
import type { ChartTheme } from "../charts/chartTheme.js";
import { modelStyle } from "../charts/modelStyle.js";
import { accuracyByLength, differenceGrid, needleGrids, type NeedleGrid } from "../charts/needleData.js";
import { NeedleHeatmap } from "../charts/needleHeatmap.js";
import { element } from "../dom.js";
import { formatInteger, formatLength } from "../format.js";
import { CellDetails } from "./cellDetails.js";
import type { Results } from "../../src/protocol/results.js";

export interface NeedleSectionInput {
  readonly results: Results;
  readonly task: string;
  /** Every model but the base, as its difference to the base. */
  readonly difference: boolean;
}

/** A heat map narrower than this is no longer read; they wrap before. */
const leastHeatmap = 230;
const columnGap = 16;

/** The grids that are shown, with their titles. */
export function shownGrids({ results, task, difference }: NeedleSectionInput): { readonly grid: NeedleGrid; readonly title: string }[] {
  const grids = needleGrids(results, task);
  const base = grids.find(({ model }) => model === "base");
  if (!difference || base === undefined) return grids.map((grid) => ({ grid, title: modelStyle(grid.model).label }));
  return grids
    .filter((grid) => grid !== base)
    .map((grid) => ({ grid: differenceGrid(grid, base), title: l10n.t("{0} − base", modelStyle(grid.model).label) }));
}

/**
 * Builds the section in `body`, `width` pixels wide.
 * @param openPrompt told the hash of the prompt to open
 */
export function drawNeedles(
  body: HTMLElement,
  input: NeedleSectionInput,
  theme: ChartTheme,
  width: number,
  openPrompt: (promptHash: string) => void,
): HTMLElement[] {
  const { results, task, difference } = input;
  const details = new CellDetails(openPrompt);
  const events = { inspect: details.show.bind(details), choose: details.choose.bind(details) };
  const grids = shownGrids(input);
  const columns = Math.max(1, Math.min(grids.length, Math.floor((width + columnGap) / (leastHeatmap + columnGap))));
  // Four in a row, or two and two: three and one would look as if one were missing.
  const even = columns >= grids.length ? columns : Math.ceil(grids.length / Math.ceil(grids.length / columns));
  const share = Math.floor((width - (even - 1) * columnGap) / even);
  const row = element("div", { class: "heatmaps" });
  for (const { grid, title } of grids) {
    const map = new NeedleHeatmap(events);
    const borders = { window: results.window, target: results.targetLength };
    map.draw({ grid, title, difference, ...borders, formatLength }, theme, Math.min(share, 560));
    row.append(map.element);
  }
  const chart = new AccuracyChart();
  const lines = accuracyByLength(results, task);
  const picture = element("div", {}, element("h3", { text: l10n.t("Needles found by length") }), chart.element);
  const byLength = element("div", { class: "by-length" }, picture, details.element);
  // The grid's own columns decide the width: it must be on the page to be measured.
  body.replaceChildren(byLength);
  const accuracy = { lines, window: results.window, target: results.targetLength, formatLength };
  chart.draw(accuracy, theme, Math.min(chart.element.clientWidth, 900), 200);
  const unit = difference ? l10n.t("In percentage points against the base") : l10n.t("In %");
  return [
    element("h3", { text: l10n.t("Needles found by length and depth") }),
    element("p", {
      class: "hint",
      text: l10n.t(
        "W: original window, {0} tokens. T: target, {1}. {2}, prompt length across, depth down.",
        formatInteger(results.window),
        formatInteger(results.targetLength),
        unit,
      ),
    }),
    row,
    byLength,
  ];
}
