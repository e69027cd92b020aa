/** What went wrong, and what a person should know: an error with its remedy, notices, diagnoses. */
import * as l10n from "@vscode/l10n";
import { element } from "../dom.js";
import { icon } from "../icons.js";
import { stageLabels } from "../labels.js";
import { createButton } from "../toolkit.js";
import type { DashboardToHost } from "../../src/protocol/dashboard.js";
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
    const key = JSON.stringify([run?.error, run?.status === "completed", run?.diagnoses, run?.warnings, all]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#showError(run);
    const diagnoses = (run?.diagnoses ?? []).map(({ title, evidence, cause, setting }) =>
      notice(title, `${evidence} ${cause} ${setting}`.trim()),
    );
    const warnings = (run?.warnings ?? []).map(({ stage, message }) =>
      notice(stage === null ? null : `${stageLabels[stage].name}:`, message),
    );
    this.#notices.replaceChildren(...diagnoses, ...warnings, ...all.map((text) => notice(null, text)));
    this.#notices.hidden = this.#notices.childElementCount === 0;
  }

  #showError(run: RunSnapshot | null): void {
    const error = run?.error ?? null;
    this.#error.hidden = error === null;
    if (error === null) {
      this.#error.replaceChildren();
      return;
    }
    const where = error.stage === null ? "" : `${stageLabels[error.stage].name}: `;
    const log = createButton(l10n.t("Show Log"), false, () => this.post({ type: "open", what: "log" }));
    const text = element(
      "div",
      { class: "banner-text" },
      element("p", { class: "banner-message", text: `${where}${error.message}` }),
      element("p", { text: error.remedy }),
      ...(run?.status === "completed" ? [element("p", { text: l10n.t("What the run had completed is still there.") })] : []),
      element("p", { class: "banner-code", text: error.code }),
    );
    this.#error.replaceChildren(icon("error"), text, log.element);
  }
}

function notice(title: string | null, text: string): HTMLElement {
  const body = element("span", {}, ...(title === null ? [] : [element("strong", { text: title }), " "]), text);
  return element("li", {}, icon("notice"), body);
}
