/** The sample inspector: picker, ruler, what is under the cursor, the distances it trains, and the text. */
import * as l10n from "@vscode/l10n";
import { browserClock } from "../browserClock.js";
import { DistanceChart } from "../charts/distanceChart.js";
import { anchorsOf, segmentOf, tokenAtPosition } from "../charts/sampleTokens.js";
import { SegmentRuler } from "../charts/segmentRuler.js";
import { element, setText } from "../dom.js";
import { formatInteger, formatNumber } from "../format.js";
import type { HostLine } from "../hostLine.js";
import { Redraw } from "../scheduler.js";
import { observeTheme, readTheme } from "../theme.js";
import { parseInspectorMessage } from "./messages.js";
import { Picker } from "./picker.js";
import { SampleText } from "./sampleText.js";
import { sampleSets, type InspectedRun, type InspectedSample, type InspectorToHost } from "../../src/protocol/sampleInspector.js";

/** What is kept of the page: which sample of which run, so that it comes back after a reload. */
interface Kept {
  readonly directory: string;
  readonly set: InspectedSample["set"];
  readonly sample: number;
}

/** Builds the inspector inside `root` and starts to listen. */
export function startInspector(root: HTMLElement, line: HostLine<InspectorToHost>): void {
  let run: InspectedRun | null = null;
  let sample: InspectedSample | null = null;
  let anchors: Uint8Array = new Uint8Array();
  let theme = readTheme();
  const post = line.post.bind(line);
  const title = element("h1");
  const facts = element("p", { class: "meta" });
  const notices = element("ul", { class: "notices", attributes: { "aria-label": l10n.t("Notices"), role: "status" } });
  const picker = new Picker(post);
  const readout = element("p", { class: "readout", attributes: { "aria-live": "polite" } });
  const redraw = new Redraw(draw, browserClock);
  const ruler = new SegmentRuler({
    point: (position) => read(position === null || sample === null ? null : tokenAtPosition(sample, position), position),
    choose,
    redraw: () => redraw.request(true),
  });
  const text = new SampleText({ point: (token) => read(token, null), open: (path, offset) => post({ type: "open", path, offset }) });
  const distances = new DistanceChart();
  const hint = l10n.t("Click a segment to read it; Ctrl+wheel or + and − zoom, 0 shows the whole window");
  const body = element(
    "main",
    {},
    element("h2", { text: l10n.t("Positions") }),
    ruler.element,
    element("p", { class: "hint", text: hint }),
    readout,
    element("h2", { text: l10n.t("Distances that this sample trains") }),
    element("p", { class: "hint", text: l10n.t("Pairs of tokens by their distance; dashed: every distance equally often") }),
    distances.element,
    element("h2", { text: l10n.t("Text") }),
    text.element,
  );
  const connecting = element("p", { class: "empty connecting", text: l10n.t("Reading the samples…"), attributes: { role: "status" } });
  const head = element("header", {}, title, facts, picker.element);
  head.hidden = body.hidden = true;
  root.append(head, notices, body, connecting);
  observeTheme(() => {
    theme = readTheme();
    redraw.request(true);
  });
  line.listen(receive);
  const kept = readKept(line.kept);
  post({ type: "ready", set: kept?.set ?? "extend", sample: kept?.sample ?? 0 });

  function receive(data: unknown): void {
    const parsed = parseInspectorMessage(data);
    if ("problem" in parsed) {
      tell([parsed.problem]);
      return;
    }
    const { message } = parsed;
    if (message.type === "notice") {
      tell([message.text]);
      return;
    }
    if (message.type === "snapshot") {
      run = message.run;
      setText(title, l10n.t("Samples of {0}", run.name));
      picker.setRun(run);
      connecting.hidden = true;
      head.hidden = false;
    }
    tell(message.notices);
    if (message.sample !== null) show(message.sample, message.type === "sample" ? message.query : null);
  }

  function tell(texts: readonly string[]): void {
    notices.replaceChildren(...texts.map((notice) => element("li", { text: notice })));
  }

  function show(next: InspectedSample, query: string | null): void {
    sample = next;
    anchors = anchorsOf(next);
    body.hidden = false;
    picker.setSample(next.set, next.sample);
    setText(facts, factsOf(next, anchors));
    ruler.setInput({ ...next, anchors, window: run?.window ?? null, target: run?.targetLength ?? 1 });
    text.show(next, anchors);
    read(null, null);
    choose((query === null ? null : text.find(query)) ?? 0);
    if (run !== null) line.keep({ directory: run.directory, set: next.set, sample: next.sample } satisfies Kept);
  }

  function choose(segment: number): void {
    ruler.setSegment(segment);
    text.reveal(segment);
    redraw.request(true);
  }

  /** Says what is at a token, or at a position between two segments. */
  function read(token: number | null, position: number | null): void {
    if (sample === null || token === null || token < 0) {
      setText(readout, "");
      return;
    }
    const at = sample.positions[token] ?? 0;
    if (position !== null && position > at) {
      setText(readout, l10n.t("Position {0}: skipped", formatInteger(position)));
      return;
    }
    const score = sample.score[token] ?? NaN;
    const word = JSON.stringify(sample.text.slice(sample.starts[token] ?? 0, sample.ends[token] ?? 0));
    const parts = [
      l10n.t("Position {0}", formatInteger(at)),
      `${l10n.t("token {0}", formatInteger(token + 1))}${sample.text === "" ? "" : ` ${word}`}`,
      l10n.t("segment {0}", formatInteger(segmentOf(sample, token) + 1)),
      ...(Number.isNaN(score)
        ? []
        : [`${l10n.t("significance {0}", formatNumber(score))}${(anchors[token] ?? 0) > 0 ? `, ${l10n.t("impactful")}` : ""}`]),
    ];
    setText(readout, parts.join(" · "));
  }

  function draw(): void {
    if (sample === null || run === null) return;
    ruler.draw(theme);
    distances.draw(sample.positions, run.targetLength, theme, Math.max(200, distances.element.clientWidth));
  }
}

function factsOf({ positions, segments, sources }: InspectedSample, anchors: Uint8Array): string {
  const impactful = anchors.reduce((sum, level) => sum + Number(level > 0), 0);
  const documents = new Set(sources.map(({ path }) => path)).size;
  return [
    l10n.t("{0} tokens in {1} segments", formatInteger(positions.length), formatInteger(segments.length)),
    l10n.t("positions 0 to {0}", formatInteger(positions.at(-1) ?? 0)),
    ...(impactful > 0 ? [l10n.t("{0} impactful tokens", formatInteger(impactful))] : []),
    ...(documents > 1 ? [l10n.t("{0} documents", formatInteger(documents))] : []),
  ].join(" · ");
}

function readKept(value: unknown): Pick<Kept, "set" | "sample"> | null {
  if (typeof value !== "object" || value === null || !("set" in value) || !("sample" in value)) return null;
  const set = sampleSets.find((name) => name === value.set);
  const { sample } = value;
  return set !== undefined && typeof sample === "number" && Number.isInteger(sample) && sample >= 0 ? { set, sample } : null;
}
