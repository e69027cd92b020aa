/** The pictures of a study, as SVG text for a page that has the report's style sheet. */
import { line, scaleBand, scaleLinear, scaleLog, type ScaleContinuousNumeric } from "d3";
import { percent, perplexityText, tokensText } from "../evaluation/format.js";
import { element, picture, svgText } from "../evaluation/svg.js";
import type { Estimate, StudyReport, StudyRow } from "../protocol/studyResults.js";
import { atLength, lengthsOf, overall } from "./measures.js";
import { rowName } from "./tables.js";

const width = 760;
const colours = 8;
type Scale = ScaleContinuousNumeric<number, number>;

/** Rows are told apart by colour, and beyond eight by dashes as well. */
function strokeOf(place: number): { class: string; "stroke-dasharray": string } {
  return { class: `line c${String(place % colours)}`, "stroke-dasharray": place < colours ? "none" : "6 4" };
}

/** Retrieval among distractors by prompt length, a line a row. */
export function lengthPicture(report: StudyReport): string {
  const lengths = lengthsOf("multikey", new Set(report.rows.flatMap(({ estimates }) => Object.keys(estimates))));
  const [first] = lengths;
  const last = lengths.at(-1);
  if (first === undefined || last === undefined) return "";
  const names = report.rows.map((row) => rowName(report, row));
  // Rows stand beside each other at each length, so that none hides another.
  const spread = 3 * (names.length - 1);
  const margin = { left: 56 + spread / 2, right: legendWidth(names) + spread / 2, top: 22, bottom: 40 };
  const height = Math.max(320, margin.top + 20 * names.length + margin.bottom);
  const bottom = height - margin.bottom;
  const right = width - margin.right;
  const x = scaleLog([Math.min(first, last / 2), last], [margin.left, right]).base(2);
  const y = scaleLinear([0, 1], [bottom, margin.top]);
  const window = report.cells.find((cell) => cell.window !== undefined)?.window;
  return picture(width, height, "Needles retrieved by prompt length", [
    ...y
      .ticks(5)
      .flatMap((tick) => [
        element("line", { class: "grid", x1: margin.left, x2: right, y1: y(tick), y2: y(tick) }),
        svgText(margin.left - spread / 2 - 8, y(tick) + 4, percent(tick), { "text-anchor": "end" }),
      ]),
    ...lengths.map((length) => svgText(x(length), bottom + 18, tokensText(length), { "text-anchor": "middle" })),
    svgText(right, height - 4, "tokens", { "text-anchor": "end" }),
    ...(window === undefined || window < first || window > last
      ? []
      : [
          element("line", { class: "mark", x1: x(window), x2: x(window), y1: margin.top, y2: bottom }),
          svgText(x(window), margin.top - 8, "W", { class: "muted", "text-anchor": "middle" }),
        ]),
    ...report.rows.flatMap((row, place) => {
      const shift = 3 * place - spread / 2;
      return rowLine(row, place, lengths, (length) => x(length) + shift, y);
    }),
    ...names.flatMap((name, place) => {
      const top = margin.top + 8 + 20 * place;
      const left = right + spread / 2 + 14;
      return [element("line", { ...strokeOf(place), x1: left, x2: left + 16, y1: top, y2: top }), svgText(left + 22, top + 4, name)];
    }),
  ]);
}

function rowLine({ estimates }: StudyRow, place: number, lengths: readonly number[], x: (length: number) => number, y: Scale): string[] {
  const points = lengths.flatMap((length): [number, Estimate][] => {
    const found = estimates[atLength("multikey", length)];
    return found === undefined ? [] : [[length, found]];
  });
  const path = line<[number, Estimate]>(
    ([length]) => x(length),
    ([, { mean }]) => y(mean),
  )(points);
  return [
    ...points.flatMap(([length, { low, high }]) =>
      low === null || high === null
        ? []
        : [
            element("line", {
              class: `band c${String(place % colours)}`,
              x1: x(length),
              x2: x(length),
              y1: y(Math.max(0, low)),
              y2: y(Math.min(1, high)),
            }),
          ],
    ),
    element("path", { ...strokeOf(place), d: path ?? "" }),
    ...points.map(([length, { mean }]) =>
      element("circle", { class: `dot c${String(place % colours)}`, cx: x(length), cy: y(mean), r: 2.5 }),
    ),
  ];
}

const panels = [
  { title: "needles beyond W", name: overall.beyond("multikey"), text: (value: number) => percent(value) },
  { title: "perplexity inside W", name: overall.inside("perplexity"), text: perplexityText },
  { title: "perplexity beyond W", name: overall.beyond("perplexity"), text: perplexityText },
] as const;

/** Means with intervals, a line a row, side by side for retrieval and perplexity. */
export function forestPicture(report: StudyReport): string {
  const shown = panels.filter(({ name }) => report.rows.some(({ estimates }) => estimates[name] !== undefined));
  if (shown.length === 0 || report.rows.length === 0) return "";
  const names = report.rows.map((row) => rowName(report, row));
  const left = legendWidth(names);
  const top = 30;
  const y = scaleBand(names.keys(), [top, top + 26 * names.length]);
  const each = (width - left) / shown.length;
  const parts = shown.flatMap(({ title, name, text }, panel) => {
    const found = report.rows.flatMap(({ estimates }, place): [number, Estimate][] => {
      const one = estimates[name];
      return one === undefined ? [] : [[place, one]];
    });
    // The base far beyond its window would squeeze the rest together: its value stands as text at the edge.
    const values = found.map(([, { mean }]) => mean).sort((a, b) => a - b);
    const median = values[Math.floor(values.length / 2)] ?? 0;
    const kept = found.filter(([, { mean }]) => name.startsWith("multikey") || mean < 1.4 * median);
    const bounds = kept.flatMap(([, { mean, low, high }]) => [mean, low ?? mean, high ?? mean]);
    const start = left + panel * each + 12;
    const x = scaleLinear([Math.min(...bounds), Math.max(...bounds)], [start, start + each - 60]).nice(4);
    const at = (value: number): number => Math.min(Math.max(x(value), start), start + each - 60);
    return [
      svgText(start, 16, title, { class: "muted" }),
      ...x.ticks(3).flatMap((tick) => [
        element("line", { class: "grid", x1: x(tick), x2: x(tick), y1: top, y2: top + 26 * names.length }),
        svgText(x(tick), top + 26 * names.length + 14, name.startsWith("multikey") ? text(tick) : String(tick), {
          "text-anchor": "middle",
          class: "muted",
        }),
      ]),
      ...found.flatMap(([place, { mean, low, high }]) => {
        const middle = (y(place) ?? 0) + 13;
        const colour = `c${String(place % colours)}`;
        return [
          ...(low === null || high === null
            ? []
            : [element("line", { class: `line ${colour}`, x1: at(low), x2: at(high), y1: middle, y2: middle })]),
          element("circle", { class: `dot ${colour}`, cx: at(mean), cy: middle, r: 4 }),
          svgText(start + each - 52, middle + 4, text(mean), { class: "muted" }),
        ];
      }),
    ];
  });
  const labels = names.map((name, place) => svgText(0, (y(place) ?? 0) + 17, name));
  return picture(width, top + 26 * names.length + 24, "Means over seeds with their 95 % intervals", [...labels, ...parts]);
}

/** Relative distances that the samples of each row train, first seed of each. */
export function coveragePicture(report: StudyReport): string {
  const found = [...new Set(report.cells.map(({ row }) => row))].flatMap((row) => {
    const coverage = report.cells.find((cell) => cell.row === row && cell.coverage !== undefined)?.coverage;
    return coverage === undefined ? [] : [{ row, coverage }];
  });
  // Rows that differ in anything but their samples have the same histogram: one picture is enough.
  const different = found.filter(
    ({ coverage }, place) =>
      found.findIndex((other) => JSON.stringify(other.coverage.trained) === JSON.stringify(coverage.trained)) === place,
  );
  if (different.length === 0) return "";
  const columns = Math.min(3, different.length);
  const each = { width: width / columns, height: 146 };
  const most = Math.max(...different.flatMap(({ coverage }) => [...coverage.trained, ...coverage.uniform]));
  const parts = different.flatMap(({ row, coverage }, place) => {
    const left = (place % columns) * each.width;
    const top = Math.floor(place / columns) * each.height;
    const x = scaleLinear([coverage.edges[0] ?? 0, coverage.edges.at(-1) ?? 1], [left + 6, left + each.width - 14]);
    const y = scaleLinear([0, most], [top + each.height - 22, top + 40]);
    const bars = coverage.trained.map((share, bin) => {
      const from = x(coverage.edges[bin] ?? 0);
      return element("rect", {
        class: "cell",
        x: from,
        y: y(share),
        width: Math.max(0.5, x(coverage.edges[bin + 1] ?? 0) - from - 0.5),
        height: Math.max(0, y(0) - y(share)),
      });
    });
    const level = coverage.uniform[0] ?? 0;
    return [
      svgText(left + 6, top + 14, row),
      svgText(left + 6, top + 30, `${coverage.totalVariation.toFixed(2)} from uniform`, { class: "muted" }),
      ...bars,
      element("line", { class: "mark", x1: left + 6, x2: left + each.width - 14, y1: y(level), y2: y(level) }),
      svgText(left + 6, top + each.height - 8, "1", { class: "muted" }),
      svgText(left + each.width - 14, top + each.height - 8, tokensText(coverage.targetLength), { class: "muted", "text-anchor": "end" }),
    ];
  });
  const rows = Math.ceil(different.length / columns);
  return picture(width, rows * each.height, "Relative distances trained, by row", parts);
}

/** Room for names at about 6.6 pixels a character. */
function legendWidth(names: readonly string[]): number {
  return Math.min(320, 48 + 6.6 * Math.max(...names.map(({ length }) => length)));
}
