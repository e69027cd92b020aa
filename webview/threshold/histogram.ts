/** How scores are spread, as bars; those above the threshold in the colours of the levels. */
import type { ScoreHistogram } from "../../src/protocol/thresholdView.js";

const svg = "http://www.w3.org/2000/svg";
const height = 64;
export const levels = 5;

/** @param cutoffs least score of each level, ascending */
export function drawHistogram(target: SVGSVGElement, { from, to, counts }: ScoreHistogram, cutoffs: readonly number[]): void {
  const highest = Math.max(1, ...counts);
  const step = 100 / counts.length;
  const bars = counts.map((count, at) => {
    // Roots keep the few tokens of the tail visible beside the many of the middle.
    const tall = count === 0 ? 0 : Math.max(1, Math.sqrt(count / highest) * height);
    const bar = document.createElementNS(svg, "rect");
    const score = from + ((at + 0.5) / counts.length) * (to - from);
    const level = cutoffs.filter((cutoff) => score >= cutoff).length;
    bar.setAttribute("class", level === 0 ? "bar" : `bar level${String(level)}`);
    bar.setAttribute("x", String(at * step + step * 0.1));
    bar.setAttribute("width", String(step * 0.8));
    bar.setAttribute("y", String(height - tall));
    bar.setAttribute("height", String(tall));
    return bar;
  });
  const line = document.createElementNS(svg, "line");
  const x = Math.min(100, Math.max(0, (((cutoffs[0] ?? to) - from) / (to - from)) * 100));
  for (const [name, value] of Object.entries({ x1: x, x2: x, y1: 0, y2: height })) line.setAttribute(name, String(value));
  line.setAttribute("class", "threshold");
  target.setAttribute("viewBox", `0 0 100 ${String(height)}`);
  target.replaceChildren(...bars, line);
}
