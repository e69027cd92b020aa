/** The text of a sample, segment by segment. Marks are CSS highlights: the text stays one node a segment, however many tokens it has. */
import * as l10n from "@vscode/l10n";
import { anchorLevels, segmentEnd, skipBefore, tokenAt } from "../charts/sampleTokens.js";
import { element } from "../dom.js";
import { formatInteger } from "../format.js";
import type { InspectedSample } from "../../src/protocol/sampleInspector.js";

export interface SampleTextEvents {
  /** A token is under the pointer or the keyboard; null when none is. */
  readonly point: (token: number | null) => void;
  readonly open: (path: string, offset: number) => void;
}

interface Segment {
  readonly item: HTMLElement;
  readonly node: Text;
  /** Where the node's text begins in the sample's text. */
  readonly offset: number;
}

export class SampleText {
  readonly element = element("div", {
    class: "sample-text",
    attributes: {
      tabindex: "0",
      role: "region",
      "aria-label": l10n.t("Text of the sample. Arrow keys go from token to token, Page Up and Page Down from segment to segment."),
    },
  });
  #sample: InspectedSample | null = null;
  #segments: Segment[] = [];
  #token: number | null = null;

  constructor(private readonly events: SampleTextEvents) {
    this.element.addEventListener("pointermove", (event) => this.#pointer(event));
    this.element.addEventListener("pointerleave", () => this.#setToken(null));
    this.element.addEventListener("keydown", (event) => {
      if (this.#key(event)) event.preventDefault();
    });
  }

  /** Shows a sample; `anchors`: tint of each token. */
  show(sample: InspectedSample, anchors: Uint8Array): void {
    this.#sample = sample;
    this.#token = null;
    this.#segments = sample.text === "" ? [] : Array.from(sample.segments, (_, segment) => this.#segment(sample, segment));
    this.element.replaceChildren(...this.#segments.map(({ item }) => item));
    this.element.hidden = this.#segments.length === 0;
    this.#mark(anchors);
  }

  /** Brings a segment to where it can be read, and marks it. */
  reveal(segment: number): void {
    this.#segments.forEach(({ item }, index) => item.classList.toggle("chosen", index === segment));
    this.#segments[segment]?.item.scrollIntoView({ block: "nearest" });
  }

  /** Marks a stretch of the text that was searched for, upper and lower case alike; the segment it begins in, or null. */
  find(query: string): number | null {
    const sample = this.#sample;
    const start = sample === null ? -1 : sample.text.toLowerCase().indexOf(query.toLowerCase());
    const range = start < 0 ? null : this.#range(start, start + query.length);
    setHighlight("found", range === null ? [] : [range]);
    return start < 0
      ? null
      : Math.max(
          0,
          this.#segments.findLastIndex(({ offset }) => offset <= start),
        );
  }

  #segment(sample: InspectedSample, segment: number): Segment {
    const first = sample.segments[segment] ?? 0;
    const end = segmentEnd(sample, segment);
    const offset = sample.starts[first] ?? 0;
    // Up to the next segment, so that a blank between two documents is not lost.
    const text = sample.text.slice(offset, sample.starts[end] ?? sample.text.length);
    const node = document.createTextNode(text);
    const skip = skipBefore(sample, segment);
    const places = `${formatInteger(sample.positions[first] ?? 0)} – ${formatInteger(sample.positions[end - 1] ?? 0)}`;
    const head = element(
      "div",
      { class: "segment-head" },
      element("span", { class: "positions", text: places }),
      ...(skip > 0 ? [element("span", { class: "skip", text: l10n.t("skip {0}", formatInteger(skip)) })] : []),
      ...sample.sources
        .filter(({ token }) => token >= first && token < end)
        .slice(0, 1)
        .map((source) => this.#source(source)),
    );
    const item = element("div", { class: "segment" }, head, element("div", { class: "segment-text" }, node));
    return { item, node, offset };
  }

  #source({ path, offset }: InspectedSample["sources"][number]): HTMLElement {
    const button = element("button", { class: "link", text: path, attributes: { type: "button", title: path } });
    button.addEventListener("click", () => this.events.open(path, offset));
    return button;
  }

  #mark(anchors: Uint8Array): void {
    const sample = this.#sample;
    if (sample === null) return;
    for (let level = 1; level <= anchorLevels; level++) {
      const ranges: Range[] = [];
      anchors.forEach((own, token) => {
        const range = own === level ? this.#tokenRange(token) : null;
        if (range !== null) ranges.push(range);
      });
      setHighlight(`anchor-${String(level)}`, ranges);
    }
    setHighlight("token", []);
    setHighlight("found", []);
  }

  #tokenRange(token: number): Range | null {
    const sample = this.#sample;
    return sample === null ? null : this.#range(sample.starts[token] ?? 0, sample.ends[token] ?? 0);
  }

  /** A range of the page for characters [start, end) of the sample's text, cut at the end of its segment. */
  #range(start: number, end: number): Range | null {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.offset ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    const segment = this.#segments[low - 1];
    if (segment === undefined) return null;
    const range = document.createRange();
    range.setStart(segment.node, Math.min(segment.node.length, start - segment.offset));
    range.setEnd(segment.node, Math.min(segment.node.length, end - segment.offset));
    return range;
  }

  #pointer(event: PointerEvent): void {
    const sample = this.#sample;
    const caret = document.caretPositionFromPoint(event.clientX, event.clientY);
    const segment = caret === null ? undefined : this.#segments.find(({ node }) => node === caret.offsetNode);
    if (sample === null || caret === null || segment === undefined) return;
    this.#setToken(tokenAt(sample, segment.offset + caret.offset));
  }

  #key(event: KeyboardEvent): boolean {
    const sample = this.#sample;
    if (sample === null || event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return false;
    const token = this.#token ?? -1;
    const segment = Math.max(
      0,
      sample.segments.findLastIndex((first) => first <= token),
    );
    const last = sample.positions.length - 1;
    const next = {
      ArrowRight: token + 1,
      ArrowLeft: token - 1,
      PageDown: sample.segments[segment + 1] ?? last,
      PageUp: sample.segments[Math.max(0, segment - 1)] ?? 0,
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return false;
    this.#setToken(Math.min(last, Math.max(0, next)));
    const range = this.#token === null ? null : this.#tokenRange(this.#token);
    if (range !== null) this.#scrollTo(range.getBoundingClientRect());
    return true;
  }

  #scrollTo(box: DOMRect): void {
    const view = this.element.getBoundingClientRect();
    if (box.top < view.top) this.element.scrollTop -= view.top - box.top + 40;
    else if (box.bottom > view.bottom) this.element.scrollTop += box.bottom - view.bottom + 40;
  }

  #setToken(token: number | null): void {
    if (token === this.#token) return;
    this.#token = token;
    const range = token === null ? null : this.#tokenRange(token);
    setHighlight("token", range === null ? [] : [range]);
    this.events.point(token);
  }
}

function setHighlight(name: string, ranges: readonly Range[]): void {
  CSS.highlights.set(name, new Highlight(...ranges));
}
