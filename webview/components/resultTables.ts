/** The evaluation as tables of numbers: for screen readers, for copying, and for whoever likes numbers better. */
import * as l10n from "@vscode/l10n";
import { modelStyle } from "../charts/modelStyle.js";
import type { AccuracyLine, NeedleGrid, PerplexityRow } from "../charts/needleData.js";
import { element } from "../dom.js";
import { formatInteger, formatShare, formatPerplexity, formatPoints } from "../format.js";

/** Share found by model and length. */
export function accuracyTable(lines: readonly AccuracyLine[]): HTMLElement {
  const lengths = [...new Set(lines.flatMap(({ points }) => points.map((point) => point.length)))].sort((a, b) => a - b);
  const rows = lines.map(({ model, points }) => [
    modelStyle(model).label,
    ...lengths.map((length) => formatShare(points.find((point) => point.length === length)?.mean ?? NaN)),
  ]);
  return table(l10n.t("Needles found by length"), [l10n.t("Model"), ...lengths.map(formatInteger)], rows);
}

/** One model's heat map in numbers; `difference`: the title of a map of differences. */
export function needleTable({ model, lengths, depths, cells }: NeedleGrid, difference: string | null): HTMLElement {
  const text = difference === null ? formatShare : formatPoints;
  const rows = cells.map((row, index) => [formatShare(depths[index] ?? NaN), ...row.map((cell) => text(cell?.mean ?? NaN))]);
  return table(
    l10n.t("{0}: needles found by depth and length", difference ?? modelStyle(model).label),
    [l10n.t("Depth"), ...lengths.map(formatInteger)],
    rows,
  );
}

/** Perplexity by model and position, with the sums inside and beyond the original window. */
export function perplexityTable(bins: readonly number[], rows: readonly PerplexityRow[], window: number): HTMLElement {
  const head = [
    l10n.t("Model"),
    l10n.t("Up to W ({0})", formatInteger(window)),
    l10n.t("Beyond W"),
    ...bins.map((bin) => `… ${formatInteger(bin)}`),
  ];
  const body = rows.map(({ model, inside, beyond, values }) => [
    modelStyle(model).label,
    ...[inside, beyond, ...values].map(formatPerplexity),
  ]);
  return table(l10n.t("Perplexity by position"), head, body);
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const headRow = element("tr", {}, ...head.map((text) => element("th", { text, attributes: { scope: "col" } })));
  const body = rows.map(([name = "", ...values]) =>
    element("tr", {}, element("th", { text: name, attributes: { scope: "row" } }), ...values.map((text) => element("td", { text }))),
  );
  const made = element("table", {}, element("caption", { text: caption }), element("thead", {}, headRow), element("tbody", {}, ...body));
  // Wide tables scroll by themselves; the keyboard must be able to do it too.
  return element("div", { class: "table-scroll", attributes: { tabindex: "0", role: "region", "aria-label": caption } }, made);
}
