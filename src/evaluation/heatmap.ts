/** Needle accuracy by length and depth, one map a model. */
import { scaleBand } from "d3";
import { inPercent, percent, tokensText } from "./format.js";
import type { NeedleRow, Summary } from "./summary.js";
import { element, picture, svgText } from "./svg.js";

const width = 420;
const margin = { left: 52, right: 8, top: 14, bottom: 34 };
const rowHeight = 30;

/** @returns an SVG picture; cells hold their share as text, so that colour is not alone in telling it */
export function heatmap(
  { model, byDepth }: NeedleRow,
  { lengths, depths, window }: Pick<Summary, "lengths" | "depths" | "window">,
): string {
  const height = margin.top + depths.length * rowHeight + margin.bottom;
  const x = scaleBand(lengths, [margin.left, width - margin.right]).padding(0.06);
  const y = scaleBand(depths, [margin.top, height - margin.bottom]).padding(0.08);
  const cells = lengths.flatMap((length) =>
    depths.flatMap((depth) => {
      const cell = byDepth.get(length)?.get(depth);
      if (cell === undefined) return [];
      const left = x(length) ?? 0;
      const top = y(depth) ?? 0;
      const box = { x: left, y: top, width: x.bandwidth(), height: y.bandwidth() };
      const label = `${tokensText(length)} tokens, depth ${percent(depth)}: ${cell.hits} of ${cell.trials}`;
      return [
        element("g", {}, [
          element("title", {}, [label]),
          element("rect", { class: "cell", ...box, "fill-opacity": 0.08 + 0.92 * cell.share }),
          svgText(left + x.bandwidth() / 2, top + y.bandwidth() / 2 + 4, inPercent(cell.share), {
            "text-anchor": "middle",
            class: cell.share > 0.55 ? "on" : "off",
          }),
        ]),
      ];
    }),
  );
  const names = [
    ...lengths.map((length) =>
      svgText((x(length) ?? 0) + x.bandwidth() / 2, height - margin.bottom + 18, tokensText(length), { "text-anchor": "middle" }),
    ),
    ...depths.map((depth) => svgText(margin.left - 6, (y(depth) ?? 0) + y.bandwidth() / 2 + 4, percent(depth), { "text-anchor": "end" })),
  ];
  const within = lengths.findLast((length) => length <= window);
  const place = (x(within ?? Number.NaN) ?? 0) + x.bandwidth() + (x.step() - x.bandwidth()) / 2;
  const border =
    within === undefined || within === lengths.at(-1)
      ? []
      : [
          element("line", { class: "mark", x1: place, x2: place, y1: margin.top - 6, y2: height - margin.bottom }),
          svgText(place - 3, margin.top - 1, "W", { class: "muted", "text-anchor": "end" }),
        ];
  return picture(width, height, `Needle accuracy of ${model} by length and depth`, [...cells, ...names, ...border]);
}
