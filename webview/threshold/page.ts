/** The view as a whole. It is built once and brought up to date, so that the slider can be dragged while states arrive. */
import * as l10n from "@vscode/l10n";
import type { ThresholdState, ThresholdToHost } from "../../src/protocol/thresholdView.js";
import { element, setText } from "../dom.js";
import { formatShare } from "../format.js";
import type { HostLine } from "../hostLine.js";
import { createButton } from "../toolkit.js";
import { drawHistogram, levels } from "./histogram.js";
import { readThreshold } from "./messages.js";

/** Shares are chosen to a tenth of a percent. */
const tenth = { digits: 1, short: true };

export function startThresholdView(root: HTMLElement, line: HostLine<ThresholdToHost>): void {
  const post = (what: Extract<ThresholdToHost, { type: "do" }>["what"]) => (): void => line.post({ type: "do", what });
  let state: ThresholdState | null = null;
  let share = 0.2;
  let dragging = false;
  let frame = 0;

  const toggle = createButton(l10n.t("Turn On"), true, post("toggle"));
  const slider = element("input", { class: "slider", attributes: { type: "range", step: "1", id: "share" } });
  const label = element("label", { class: "share", attributes: { for: "share" } });
  const threshold = element("span", { class: "muted" });
  const histogram = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  histogram.setAttribute("preserveAspectRatio", "none");
  histogram.setAttribute("role", "img");
  const ends = element("div", { class: "ends muted", attributes: { "aria-hidden": "true" } }, element("span"), element("span"));
  const legend = element("ul", { class: "legend", attributes: { "aria-label": l10n.t("Shades by rank") } });
  const counts = element("p", { class: "counts", attributes: { "aria-live": "polite" } });
  const notice = element("p", { class: "notice", attributes: { role: "status" } });
  const source = element("span", { class: "source" });
  const change = element("button", { class: "link", text: l10n.t("Change…") });
  const own = element("button", { class: "link" });
  const intro = element("p", {
    class: "muted",
    text: l10n.t("Tints the tokens of an open file that long context helps with, by the scores of a run or live."),
  });
  const actions = element(
    "div",
    { class: "actions", attributes: { role: "group", "aria-label": l10n.t("Sentences") } },
    ...[
      createButton(l10n.t("Previous"), false, post("previous"), undefined),
      createButton(l10n.t("Next"), false, post("next"), undefined),
      createButton(l10n.t("Why Kept?"), false, post("why"), undefined),
      createButton(l10n.t("Export…"), false, post("export"), undefined),
    ].map(({ element: button }) => button),
  );
  const off = element("button", { class: "link off", text: l10n.t("Turn off") });
  const body = element(
    "section",
    {},
    notice,
    element("div", { class: "row" }, label, threshold),
    slider,
    histogram,
    ends,
    legend,
    counts,
    own,
    element("p", { class: "row source-row" }, element("span", { class: "muted", text: l10n.t("Scores") }), source, change),
    actions,
    off,
  );
  root.append(element("main", {}, intro, toggle.element, body));

  change.addEventListener("click", post("choose"));
  off.addEventListener("click", post("toggle"));
  own.addEventListener("click", () => {
    if (state?.ownShare != null) move(state.ownShare);
  });
  slider.addEventListener("pointerdown", () => (dragging = true));
  slider.addEventListener("pointerup", () => (dragging = false));
  slider.addEventListener("input", () => move(slider.valueAsNumber / 100));
  line.listen((data) => {
    const next = readThreshold(data);
    if (next === null) return;
    state = next;
    // A choice that is still on its way is newer than what the host knows.
    if (!dragging && frame === 0) share = next.share;
    draw();
  });
  line.post({ type: "ready" });

  /** Draws at once; the host gets no more than a message a frame. */
  function move(to: number): void {
    share = to;
    draw();
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      line.post({ type: "share", share });
    });
  }

  function draw(): void {
    if (state === null) return;
    const { enabled, least, most, histogram: spread, thresholds } = state;
    intro.hidden = toggle.element.hidden = enabled;
    body.hidden = !enabled;
    if (!enabled) return;
    slider.min = String(Math.round(least * 100));
    slider.max = String(Math.round(most * 100));
    if (!dragging) slider.value = String(Math.round(share * 100));
    const percent = formatShare(share, tenth);
    slider.setAttribute("aria-valuetext", l10n.t("top {0}", percent));
    setText(label, l10n.t("Top {0} of the tokens", percent));
    const first = thresholds[Math.round((share - least) * 100)];
    setText(threshold, first === undefined || !Number.isFinite(first) ? "" : l10n.t("from {0} up", first.toFixed(2)));
    histogram.toggleAttribute("hidden", spread === null);
    ends.hidden = spread === null;
    if (spread !== null && first !== undefined) drawSpread(spread, cutoffs(first, thresholds, least));
    drawLegend();
    const counted = state.counts;
    counts.hidden = counted === null || state.file === null;
    if (counted !== null && state.file !== null) {
      const [impactful, tokens] = [counted.impactful.toLocaleString(), counted.tokens.toLocaleString()];
      setText(counts, l10n.t("{0}: {1} of {2} tokens are impactful", state.file, impactful, tokens));
    }
    const differs = state.ownShare !== null && Math.abs(state.ownShare - share) > 0.001;
    own.hidden = !differs;
    if (state.ownShare !== null) setText(own, l10n.t("Back to the run's own {0}", formatShare(state.ownShare, tenth)));
    notice.hidden = state.status === "" && state.file !== null;
    notice.classList.toggle("warning", state.warning);
    setText(notice, state.file === null ? l10n.t("Open a text file to see its impactful tokens.") : state.status);
    setText(source, state.source);
  }

  function drawSpread(spread: NonNullable<ThresholdState["histogram"]>, scores: readonly number[]): void {
    drawHistogram(histogram, spread, scores);
    histogram.setAttribute(
      "aria-label",
      l10n.t("Scores from {0} to {1}; impactful from {2} up", spread.from.toFixed(2), spread.to.toFixed(2), (scores[0] ?? 0).toFixed(2)),
    );
    const [low, high] = ends.children;
    if (low !== undefined && high !== undefined) {
      setText(low, spread.from.toFixed(1));
      setText(high, spread.to.toFixed(1));
    }
  }

  function drawLegend(): void {
    const items = Array.from({ length: levels }, (_, at) => {
      return element(
        "li",
        {},
        element("span", { class: `swatch level${String(at + 1)}` }),
        element("span", { text: `≤ ${formatShare(share / 2 ** at, tenth)}` }),
      );
    });
    legend.replaceChildren(...items);
  }
}

/** Least scores of the levels, as far as the shares that the host told reach; below them the colours of the top are enough. */
function cutoffs(first: number, thresholds: readonly number[], least: number): number[] {
  const index = thresholds.indexOf(first);
  const share = least + index / 100;
  return Array.from({ length: levels }, (_, level) => {
    const at = Math.round((share / 2 ** level - least) * 100);
    return level === 0 ? first : (thresholds[at] ?? Infinity);
  });
}
