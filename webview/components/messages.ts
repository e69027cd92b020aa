/** What went wrong, and what a person should know: an error with its remedy, notices, diagnoses. */
import * as l10n from "@vscode/l10n";
import { element } from "../dom.js";
import { icon } from "../icons.js";
import { stageLabels } from "../labels.js";
import { createButton } from "../toolkit.js";
import type { DashboardToHost } from "../../src/protocol/dashboard.js";
import type { FollowUp } from "../../src/protocol/runSessions.js";
import type { RunSnapshot } from "../../src/protocol/runSnapshot.js";

export class Messages {
  readonly #error = element("div", { class: "banner banner-error", attributes: { role: "alert" } });
  readonly #notices = element("ul", { class: "notices", attributes: { "aria-label": l10n.t("Notices") } });
  readonly element = element("div", { class: "messages" }, this.#error, this.#notices);
  #shown = "";
  #local = new Set<string>();

  constructor(private readonly post: (message: DashboardToHost) => void) {
    this.#error.hidden = true;
    this.#notices.hidden = true;
  }

  /** Notes something this page noticed itself; shown until the next snapshot replaces it. */
  note(problems: readonly string[]): void {
    for (const problem of problems) this.#local.add(problem);
  }

  clearNotes(): void {
    this.#local.clear();
  }

  update(run: RunSnapshot | null, notices: readonly string[]): void {
    const all = [...new Set([...notices, ...this.#local])];
    const key = JSON.stringify([run?.error, run?.status === "completed", run?.followUp, run?.diagnoses, run?.warnings, all]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#showError(run);
    const diagnoses = (run?.diagnoses ?? []).map(({ title, evidence, cause, setting }) =>
      notice(title, `${evidence} ${cause} ${l10n.t("To change: {0}", setting)}`),
    );
    const warnings = (run?.warnings ?? []).map(({ stage, message }) =>
      notice(stage === null ? null : `${stageLabels[stage].name}:`, message),
    );
    this.#notices.replaceChildren(...diagnoses, ...warnings, ...all.map((text) => notice(null, text)));
    this.#notices.hidden = this.#notices.childElementCount === 0;
  }

  #showError(run: RunSnapshot | null): void {
    const fault = run === null ? null : (failedFollowUp(run) ?? failedRun(run));
    this.#error.hidden = fault === null;
    this.#error.className = `banner banner-${fault?.kind ?? "error"}`;
    if (fault === null) {
      this.#error.replaceChildren();
      return;
    }
    const log = createButton(l10n.t("Show Log"), false, () => this.post({ type: "open", what: "log" }));
    const [first = "", ...more] = fault.lines;
    const text = element(
      "div",
      { class: "banner-text" },
      element("p", { class: "banner-message", text: first }),
      ...more.map((line) => element("p", { text: line })),
      ...(fault.code === null ? [] : [element("p", { class: "banner-code", text: fault.code })]),
    );
    const retry = (): HTMLElement =>
      createButton(l10n.t("Try Again"), true, () => this.post({ type: "request", request: "retry" })).element;
    this.#error.replaceChildren(icon(fault.kind === "error" ? "error" : "notice"), text, ...(fault.again ? [retry()] : []), log.element);
  }
}

interface Fault {
  readonly kind: "error" | "notice";
  readonly lines: readonly string[];
  readonly code: string | null;
  /** Whether it can be tried again from here. */
  readonly again: boolean;
}

function failedRun({ error }: RunSnapshot): Fault | null {
  if (error === null) return null;
  const where = error.stage === null ? "" : `${stageLabels[error.stage].name}: `;
  return { kind: "error", lines: [`${where}${error.message}`, error.remedy], code: error.code, again: false };
}

/** What was begun on a completed run and came to no end: the run itself is as it was. */
function failedFollowUp({ followUp, error, status }: RunSnapshot): Fault | null {
  if (followUp === null || status !== "completed") return null;
  const what = followUpLabel(followUp);
  const still = l10n.t("What the run had completed is still there.");
  switch (followUp.status) {
    case "running":
      return null;
    case "failed":
      return error === null
        ? { kind: "error", lines: [l10n.t("{0} failed.", what), still], code: null, again: true }
        : { kind: "error", lines: [l10n.t("{0} failed: {1}", what, error.message), error.remedy, still], code: error.code, again: true };
    case "stopped":
      return { kind: "notice", lines: [l10n.t("{0} stopped.", what), still], code: null, again: true };
    case "interrupted":
      return { kind: "notice", lines: [l10n.t("{0} interrupted: its runner is gone.", what), still], code: null, again: true };
  }
}

function followUpLabel({ stage }: FollowUp): string {
  if (stage === "evaluate") return l10n.t("Evaluation");
  return stage === "export" ? l10n.t("Export of the models") : l10n.t("Last action");
}

function notice(title: string | null, text: string): HTMLElement {
  const body = element("span", {}, ...(title === null ? [] : [element("strong", { text: title }), " "]), text);
  return element("li", {}, icon("notice"), body);
}
