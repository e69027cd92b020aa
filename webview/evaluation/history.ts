/** The runs that have results, the newest first, and how retrieval beyond the window went from one to the next. */
import * as l10n from "@vscode/l10n";
import { line, scaleLinear } from "../d3.js";
import type { EvaluatedRun } from "../../src/protocol/evaluationView.js";
import type { ChartTheme } from "../charts/chartTheme.js";
import { element } from "../dom.js";
import { formatShare } from "../format.js";

const height = 34;

export function history(
  runs: readonly EvaluatedRun[],
  selected: string | null,
  theme: ChartTheme,
  width: number,
  choose: (directory: string) => void,
): HTMLElement {
  const items = runs.map((run) => {
    const button = element(
      "button",
      { class: "run", attributes: { type: "button", "aria-pressed": String(run.directory === selected), title: run.directory } },
      element("span", { class: "run-name", text: run.name }),
      element("span", { class: "muted", text: new Date(run.created).toLocaleString([], { dateStyle: "short", timeStyle: "short" }) }),
      element("span", { class: "run-scores", text: scoresOf(run) }),
    );
    if (run.regressions > 0) button.append(element("span", { class: "change-worse", text: regressionText(run.regressions) }));
    button.addEventListener("click", () => choose(run.directory));
    return element("li", {}, button);
  });
  return element(
    "section",
    { class: "history" },
    element("h2", { text: l10n.t("History") }),
    ...sparkline(runs, selected, theme, width),
    element("ul", {}, ...items),
  );
}

function scoresOf({ beyond, baseBeyond, perplexityRatio, benchmarks }: EvaluatedRun): string {
  return [
    ...(beyond === null ? [] : [l10n.t("{0} of needles beyond the window", formatShare(beyond))]),
    ...(baseBeyond === null || beyond === null ? [] : [l10n.t("base {0}", formatShare(baseBeyond))]),
    ...(perplexityRatio === null ? [] : [l10n.t("perplexity × {0}", perplexityRatio.toFixed(3))]),
    ...benchmarks.map(({ name, score }) => `${name} ${formatShare(score)}`),
  ].join(", ");
}

function regressionText(count: number): string {
  return count === 1 ? l10n.t("⚠ 1 regression") : l10n.t("⚠ {0} regressions", count);
}

/** From the oldest run to the newest; nothing for a single one. */
function sparkline(runs: readonly EvaluatedRun[], selected: string | null, theme: ChartTheme, width: number): SVGSVGElement[] {
  const points = runs.flatMap(({ beyond, directory }) => (beyond === null ? [] : [{ beyond, directory }])).reverse();
  if (points.length < 2) return [];
  const x = scaleLinear([0, points.length - 1], [6, width - 6]);
  const y = scaleLinear([0, 1], [height - 5, 5]);
  const make = <K extends keyof SVGElementTagNameMap>(
    tag: K,
    attributes: Readonly<Record<string, string | number>>,
  ): SVGElementTagNameMap[K] => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
    return made;
  };
  const label = l10n.t("Needles found beyond the window, run by run: {0}", points.map(({ beyond }) => formatShare(beyond)).join(", "));
  const svg = make("svg", { width, height, role: "img", "aria-label": label });
  const path = line<(typeof points)[number]>(
    (_, index) => x(index),
    (point) => y(point.beyond),
  )(points);
  svg.append(make("line", { x1: 0, x2: width, y1: y(0), y2: y(0), stroke: theme.grid }));
  svg.append(make("path", { d: path ?? "", fill: "none", stroke: theme.series[0], "stroke-width": 1.5 }));
  points.forEach((point, index) => {
    const chosen = point.directory === selected;
    svg.append(make("circle", { cx: x(index), cy: y(point.beyond), r: chosen ? 4 : 2.5, fill: theme.series[0] }));
  });
  return [svg];
}
