/** The evaluation view as a whole: made anew from each state, which comes seldom and is small. */
import * as l10n from "@vscode/l10n";
import type { EvaluationViewToHost, HostToEvaluationView } from "../../src/protocol/evaluationView.js";
import { element } from "../dom.js";
import type { HostLine } from "../hostLine.js";
import { observeTheme, readTheme } from "../theme.js";
import { createButton } from "../toolkit.js";
import { abilities } from "./abilities.js";
import type { TableState } from "./benchmarks.js";
import { filterBar, readFilter } from "./filter.js";
import { history } from "./history.js";
import { readState } from "./messages.js";
import { missingSection } from "./missing.js";
import { scores } from "./scores.js";

const focusable = "button, select, input, summary, vscode-button, [tabindex]";

export function startEvaluationView(root: HTMLElement, line: HostLine<EvaluationViewToHost>): void {
  const content = element("main");
  const open = new Set(readOpen(line.kept));
  let filter = readFilter(line.kept);
  const keep = (): void => line.keep({ open: [...open], filter });
  const tables: TableState = {
    isOpen: (task) => open.has(task),
    toggle(task, isOpen) {
      if (isOpen) open.add(task);
      else open.delete(task);
      keep();
    },
  };
  let state: HostToEvaluationView | null = null;
  let drawnWidth = 0;
  root.append(content);
  line.listen((data) => {
    const next = readState(data);
    if (next === null) return;
    clearInterval(asking);
    state = next;
    draw();
  });
  observeTheme(draw);
  new ResizeObserver(() => {
    if (Math.abs(content.clientWidth - drawnWidth) > 1) draw();
  }).observe(content);
  line.post({ type: "ready" });
  // The host may be loaded after the page: asked again until it answers.
  const asking = setInterval(() => line.post({ type: "ready" }), 1000);

  function draw(): void {
    if (state === null) return;
    const focused = focusKey();
    // The browser tells of an unfolded table a moment later, which may be too late.
    for (const details of content.querySelectorAll<HTMLDetailsElement>("details[data-task]")) {
      const task = details.dataset["task"] ?? "";
      if (details.open !== open.has(task)) tables.toggle(task, details.open);
    }
    const theme = readTheme();
    const width = Math.max(180, content.clientWidth);
    drawnWidth = content.clientWidth;
    const { runs, selected, summary, details, notices } = state;
    content.replaceChildren(
      ...notices.map((text) => element("p", { class: "notice", text: `⚠ ${text}` })),
      ...state.activities.map((activity) => activityOf(activity)),
      ...(runs.length === 0 ? [emptyState(state)] : [chooser(state)]),
      ...(summary === null
        ? []
        : [
            ...missingSection(details?.missing ?? [], tables),
            abilities(summary),
            ...filterBar(summary, details, filter, (next) => {
              filter = next;
              keep();
              draw();
            }),
            ...scores(summary, details, filter, { theme, width, tables }),
          ]),
      ...(runs.length === 0 ? [] : [history(runs, selected, theme, width, (directory) => line.post({ type: "choose", directory }))]),
    );
    restoreFocus(focused);
  }

  function chooser({ runs, selected, trusted }: HostToEvaluationView): HTMLElement {
    const options = runs.map(({ directory, name, created }) =>
      element("option", {
        text: `${name} · ${new Date(created).toLocaleString([], { dateStyle: "short", timeStyle: "short" })}`,
        attributes: { value: directory },
      }),
    );
    const select = element("select", { attributes: { id: "run" } }, ...options);
    select.value = selected ?? "";
    select.addEventListener("change", () => line.post({ type: "choose", directory: select.value }));
    const run = runs.find(({ directory }) => directory === selected);
    const report = createButton(l10n.t("Report"), false, () => openRun("report"));
    report.update({ disabled: run?.hasReport !== true });
    const dashboard = createButton(l10n.t("Heat Map"), false, () => openRun("dashboard"));
    const evaluate = createButton(l10n.t("Evaluate a Checkpoint…"), false, () => line.post({ type: "evaluateCheckpoint" }));
    evaluate.update({ disabled: !trusted });
    const server = createButton(l10n.t("Evaluate a Server…"), false, () => line.post({ type: "evaluateServer" }));
    server.update({ disabled: !trusted });
    const exported = createButton(l10n.t("Export…"), false, () => {
      if (selected !== null) line.post({ type: "export", directory: selected });
    });
    exported.update({ disabled: run === undefined });
    return element(
      "section",
      { class: "chooser" },
      element("label", { text: l10n.t("Run"), attributes: { for: "run" } }),
      select,
      element("div", { class: "buttons" }, report.element, dashboard.element, exported.element, evaluate.element, server.element),
    );

    function openRun(what: "report" | "dashboard"): void {
      if (selected !== null) line.post({ type: "open", what, directory: selected });
    }
  }

  function emptyState({ trusted }: HostToEvaluationView): HTMLElement {
    const button = createButton(l10n.t("Evaluate a Checkpoint…"), true, () => line.post({ type: "evaluateCheckpoint" }));
    button.update({ disabled: !trusted });
    return element(
      "section",
      { class: "empty" },
      element("p", { text: l10n.t("No run has results yet. They come with the last stage of a run, or by evaluating a model folder.") }),
      button.element,
    );
  }

  /** The place of the focus, so that making the page anew does not take it away. */
  function focusKey(): string | null {
    const active = document.activeElement;
    if (active === null || !content.contains(active)) return null;
    const all = [...content.querySelectorAll(focusable)];
    return active.id !== "" ? `#${active.id}` : String(all.indexOf(active));
  }

  function restoreFocus(key: string | null): void {
    if (key === null) return;
    const all = [...content.querySelectorAll<HTMLElement>(focusable)];
    const again = key.startsWith("#") ? content.querySelector<HTMLElement>(key) : all[Number(key)];
    again?.focus();
    // A field made anew has its caret at the beginning.
    if (again instanceof HTMLInputElement && again.type === "search") again.setSelectionRange(again.value.length, again.value.length);
  }
}

function activityOf({ name, text, fraction }: HostToEvaluationView["activities"][number]): HTMLElement {
  const bar = element("progress", { attributes: { max: "1", "aria-label": l10n.t("Evaluating {0}", name) } });
  if (fraction !== null) bar.value = fraction;
  return element(
    "section",
    { class: "activity", attributes: { role: "status" } },
    element("p", { class: "activity-name", text: l10n.t("Evaluating {0}", name) }),
    bar,
    element("p", { class: "muted", text }),
  );
}

function readOpen(kept: unknown): string[] {
  if (typeof kept !== "object" || kept === null || !("open" in kept) || !Array.isArray(kept.open)) return [];
  return kept.open.filter((key) => typeof key === "string");
}
