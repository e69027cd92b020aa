/**
 * What pointer and keyboard do on a line chart.
 *
 * Drag selects a range and zooms to it; Shift+drag (or the middle button) pans; Ctrl/Cmd+wheel and pinch zoom; Shift+wheel and
 * sideways wheel pan; double click resets. A plain wheel scrolls the page: a chart that swallows it is a trap.
 * Keys: arrows move the crosshair, Shift+arrows pan, + and - zoom, Home and End jump, Escape or 0 resets.
 */
import { pan, zoomAt, type Domain } from "./domain.js";
import { at } from "./growable.js";
import type { LineChart } from "./lineChart.js";

const leastDrag = 4;

interface Drag {
  readonly kind: "brush" | "pan";
  readonly from: number;
  readonly domain: Domain;
}

/** Wires the input of a chart; listeners live as long as its elements. */
export function attachLineChartInput(chart: LineChart): void {
  const { plot } = chart;
  let drag: Drag | null = null;

  plot.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    const kind = event.shiftKey || event.button === 1 ? "pan" : "brush";
    drag = { kind, from: offset(event, plot), domain: chart.domain() };
    plot.setPointerCapture(event.pointerId);
    plot.classList.toggle("panning", kind === "pan");
  });
  plot.addEventListener("pointermove", (event) => {
    const pixel = offset(event, plot);
    if (drag?.kind === "pan") {
      const perPixel = (drag.domain[1] - drag.domain[0]) / chart.innerWidth;
      chart.choose(pan(drag.domain, (drag.from - pixel) * perPixel, chart.full()));
      return;
    }
    if (drag !== null && Math.abs(pixel - drag.from) >= leastDrag) chart.showBrush([drag.from, pixel]);
    chart.point(chart.valueAt(pixel));
  });
  plot.addEventListener("pointerup", (event) => {
    const pixel = offset(event, plot);
    if (drag?.kind === "brush" && Math.abs(pixel - drag.from) >= leastDrag) {
      const ends = [chart.valueAt(drag.from), chart.valueAt(pixel)].sort((a, b) => a - b);
      chart.choose([ends[0] ?? 0, ends[1] ?? 0]);
    }
    end();
  });
  plot.addEventListener("pointercancel", end);
  plot.addEventListener("pointerleave", () => {
    if (drag === null) chart.point(null);
  });
  plot.addEventListener("dblclick", () => chart.choose(null));
  plot.addEventListener("wheel", (event) => onWheel(event, chart), { passive: false });
  plot.addEventListener("keydown", (event) => {
    if (onKey(event, chart)) event.preventDefault();
  });
  plot.addEventListener("blur", () => chart.point(null));

  function end(): void {
    drag = null;
    chart.showBrush(null);
    plot.classList.remove("panning");
  }
}

function onWheel(event: WheelEvent, chart: LineChart): void {
  const domain = chart.domain();
  const full = chart.full();
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    const anchor = chart.valueAt(offset(event, chart.plot));
    chart.choose(zoomAt(domain, 2 ** (-event.deltaY / 200), anchor, full, leastWidth(full)));
    return;
  }
  const sideways = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
  if (sideways === 0) return;
  event.preventDefault();
  chart.choose(pan(domain, (sideways / chart.innerWidth) * (domain[1] - domain[0]), full));
}

function onKey(event: KeyboardEvent, chart: LineChart): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const domain = chart.domain();
  const full = chart.full();
  const middle = chart.cursor ?? (domain[0] + domain[1]) / 2;
  const step = event.key === "ArrowLeft" ? -1 : 1;
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowRight":
      if (event.shiftKey) chart.choose(pan(domain, (step * (domain[1] - domain[0])) / 10, full));
      else walk(chart, step);
      return true;
    case "Home":
      chart.point(domain[0], true);
      return true;
    case "End":
      chart.point(domain[1], true);
      return true;
    case "+":
    case "=":
      chart.choose(zoomAt(domain, 2, middle, full, leastWidth(full)));
      return true;
    case "-":
      chart.choose(zoomAt(domain, 0.5, middle, full, leastWidth(full)));
      return true;
    case "Escape":
    case "0":
      chart.choose(null);
      chart.point(null);
      return true;
    default:
      return false;
  }
}

/** Moves the crosshair by about a pixel, at least to the next point. */
function walk(chart: LineChart, direction: number): void {
  const domain = chart.domain();
  const pixel = (domain[1] - domain[0]) / chart.innerWidth;
  const here = chart.locate(chart.cursor ?? (direction > 0 ? domain[0] : domain[1]));
  if (here === null) return;
  if (chart.cursor === null) {
    chart.point(at(here.line.x, here.index), true);
    return;
  }
  const value = at(here.line.x, here.index);
  const wanted = chart.locate(value + direction * pixel)?.index ?? here.index;
  const next = wanted === here.index ? here.index + direction : wanted;
  const bounded = at(here.line.x, Math.min(here.line.length - 1, Math.max(0, next)));
  chart.point(Math.min(domain[1], Math.max(domain[0], bounded)), true);
}

/** Nobody needs to see less than a ten-thousandth; below it the arithmetic of doubles on times grows coarse. */
function leastWidth(full: Domain): number {
  return (full[1] - full[0]) / 10_000;
}

function offset(event: MouseEvent, element: Element): number {
  return event.clientX - element.getBoundingClientRect().left;
}
