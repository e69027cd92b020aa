/**
 * The positions of a sample on a ruler of the target window: its segments, the skips between them, where anchors lie.
 *
 * Pointer: what is under it is told; a click chooses the segment. Ctrl/Cmd+wheel zooms, Shift+wheel pans, double click shows all.
 * Keys: arrows go from segment to segment, Home and End to the first and the last, + and - zoom, 0 or Escape shows all.
 */
import { axisBottom, format, scaleLinear, select } from "../d3.js";
import { drawBorder } from "./border.js";
import type { ChartTheme } from "./chartTheme.js";
import { isWhole, pan, zoomAt, type Domain } from "./domain.js";
import { segmentEnd, segmentOf, skipBefore, tokenAtPosition } from "./sampleTokens.js";

export interface SegmentRulerInput {
  readonly positions: Int32Array;
  readonly segments: Int32Array;
  /** Tint of each token, 0 for none; may be empty. */
  readonly anchors: Uint8Array;
  /** W, where known, and T. */
  readonly window: number | null;
  readonly target: number;
}

export interface SegmentRulerEvents {
  /** A position under the pointer; null when it leaves. */
  readonly point: (position: number | null) => void;
  readonly choose: (segment: number) => void;
  readonly redraw: () => void;
}

const margin = { left: 16, right: 16, top: 22, bottom: 24 };
const height = 110;
const bar = { top: 30, height: 34 };
const anchorLane = { top: 68, height: 12 };

export class SegmentRuler {
  readonly element = document.createElement("div");
  readonly #canvas = document.createElement("canvas");
  readonly #svg = select(this.element).append("svg").attr("aria-hidden", "true").attr("focusable", "false");
  #input: SegmentRulerInput | null = null;
  #zoom: Domain | null = null;
  #segment = 0;
  #width = 0;

  constructor(private readonly events: SegmentRulerEvents) {
    this.element.className = "ruler";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "slider");
    this.element.setAttribute("aria-label", "Segments of the sample");
    this.element.setAttribute("aria-valuemin", "1");
    this.element.prepend(this.#canvas);
    new ResizeObserver(() => {
      if (this.#width !== this.element.clientWidth) events.redraw();
    }).observe(this.element);
    this.element.addEventListener("pointermove", (event) => events.point(this.#positionAt(event)));
    this.element.addEventListener("pointerleave", () => events.point(null));
    this.element.addEventListener("click", (event) => this.#click(event));
    this.element.addEventListener("dblclick", () => this.#show(null));
    this.element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.element.addEventListener("keydown", (event) => {
      if (this.#key(event)) event.preventDefault();
    });
  }

  /** Shows another sample, whole. */
  setInput(input: SegmentRulerInput): void {
    if (this.#input?.positions !== input.positions) this.#zoom = null;
    this.#input = input;
  }

  /** Marks a segment, and brings it into view where a part is shown. */
  setSegment(segment: number): void {
    this.#segment = segment;
    const input = this.#input;
    if (input === null) return;
    // At once: who listens does not wait for the drawing.
    this.#describe(input);
    if (this.#zoom === null) return;
    const first = input.positions[input.segments[segment] ?? 0] ?? 0;
    const [from, to] = this.#zoom;
    if (first < from || first > to) this.#zoom = pan(this.#zoom, first - (from + to) / 2, this.#full());
  }

  draw(theme: ChartTheme): void {
    const input = this.#input;
    this.#width = this.element.clientWidth;
    const inner = this.#width - margin.left - margin.right;
    if (input === null || inner < 20) return;
    const x = this.#scale();
    this.#drawCanvas(input, x, theme);
    this.#svg.attr("width", this.#width).attr("height", height);
    this.#svg.selectAll("*").remove();
    const axis = axisBottom<number>(x).ticks(Math.max(2, Math.floor(inner / 90)));
    const ticks = this.#svg
      .append("g")
      .attr("class", "axis")
      .attr("transform", `translate(0,${String(height - margin.bottom)})`);
    ticks.call(axis.tickFormat(format(",")).tickSizeOuter(0).tickSizeInner(4));
    ticks.attr("font-family", theme.fontFamily).attr("font-size", Math.max(10, theme.fontSize - 2));
    const [from = 0, to = 0] = x.domain();
    for (const [place, name] of [
      [input.window, "W"],
      [input.target, "T"],
    ] as const) {
      if (place === null || place < from || place > to) continue;
      const border = this.#svg.append("g").attr("class", "border");
      drawBorder(border, { place: x(place), name, top: margin.top, bottom: height - margin.bottom });
    }
    this.#describe(input);
  }

  #drawCanvas(input: SegmentRulerInput, x: (position: number) => number, theme: ChartTheme): void {
    const ratio = window.devicePixelRatio;
    const { width, height: tall } = { width: Math.round(this.#width * ratio), height: Math.round(height * ratio) };
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== tall) this.#canvas.height = tall;
    const context = this.#canvas.getContext("2d");
    if (context === null) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#width, height);
    context.beginPath();
    context.rect(margin.left - 2, 0, this.#width - margin.left - margin.right + 4, height);
    context.clip();
    context.fillStyle = theme.grid;
    context.fillRect(x(0), bar.top + bar.height / 2 - 0.5, x(input.target) - x(0), 1);
    const { positions, segments, anchors } = input;
    segments.forEach((first, segment) => {
      const from = x(positions[first] ?? 0);
      const to = x((positions[segmentEnd(input, segment) - 1] ?? 0) + 1);
      context.fillStyle = theme.series[0];
      // Neighbours without a skip between them would run together.
      context.globalAlpha = segment % 2 === 0 ? 0.9 : 0.6;
      context.fillRect(from, bar.top, Math.max(0.75, to - from), bar.height);
      if (segment !== this.#segment) return;
      context.globalAlpha = 1;
      context.strokeStyle = theme.foreground;
      context.lineWidth = 2;
      context.strokeRect(from - 1, bar.top - 2, Math.max(2, to - from + 2), bar.height + 4);
    });
    context.fillStyle = theme.series[1];
    anchors.forEach((level, token) => {
      if (level === 0) return;
      // A lone token is thinner than a pixel: it must be seen all the same, on black too.
      context.globalAlpha = 0.6 + 0.1 * level;
      const from = x(positions[token] ?? 0);
      context.fillRect(from, anchorLane.top, Math.max(1.5, x((positions[token] ?? 0) + 1) - from), anchorLane.height);
    });
    context.globalAlpha = 1;
  }

  #describe(input: SegmentRulerInput): void {
    const first = input.segments[this.#segment] ?? 0;
    const end = segmentEnd(input, this.#segment);
    const number = format(",");
    const text = `Segment ${number(this.#segment + 1)} of ${number(input.segments.length)}: positions ${number(input.positions[first] ?? 0)} to ${number(input.positions[end - 1] ?? 0)}, after a skip of ${number(skipBefore(input, this.#segment))}`;
    this.element.setAttribute("aria-valuemax", String(input.segments.length));
    this.element.setAttribute("aria-valuenow", String(this.#segment + 1));
    this.element.setAttribute("aria-valuetext", text);
  }

  #full(): Domain {
    return [0, this.#input?.target ?? 1];
  }

  #scale() {
    return scaleLinear(this.#zoom ?? this.#full(), [margin.left, this.#width - margin.right]);
  }

  #positionAt(event: MouseEvent): number {
    const pixel = event.clientX - this.element.getBoundingClientRect().left;
    return Math.max(0, Math.floor(this.#scale().invert(pixel)));
  }

  #click(event: MouseEvent): void {
    if (this.#input === null) return;
    const token = tokenAtPosition(this.#input, this.#positionAt(event));
    if (token >= 0) this.events.choose(segmentOf(this.#input, token));
  }

  #show(domain: Domain | null): void {
    this.#zoom = domain === null || isWhole(domain, this.#full()) ? null : domain;
    this.events.redraw();
  }

  #wheel(event: WheelEvent): void {
    const domain = this.#zoom ?? this.#full();
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.#show(zoomAt(domain, 2 ** (-event.deltaY / 200), this.#positionAt(event), this.#full(), 16));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      const share = (event.deltaX || event.deltaY) / Math.max(1, this.#width);
      this.#show(pan(domain, share * (domain[1] - domain[0]), this.#full()));
    }
  }

  #key(event: KeyboardEvent): boolean {
    const input = this.#input;
    if (input === null || event.ctrlKey || event.metaKey || event.altKey) return false;
    const last = input.segments.length - 1;
    const next = {
      ArrowRight: this.#segment + 1,
      ArrowUp: this.#segment + 1,
      ArrowLeft: this.#segment - 1,
      ArrowDown: this.#segment - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (next !== undefined) {
      this.events.choose(Math.min(last, Math.max(0, next)));
      return true;
    }
    const domain = this.#zoom ?? this.#full();
    const anchor = input.positions[input.segments[this.#segment] ?? 0] ?? 0;
    if (event.key === "+" || event.key === "=") this.#show(zoomAt(domain, 2, anchor, this.#full(), 16));
    else if (event.key === "-") this.#show(zoomAt(domain, 0.5, anchor, this.#full(), 16));
    else if (event.key === "0" || event.key === "Escape") this.#show(null);
    else return false;
    return true;
  }
}
