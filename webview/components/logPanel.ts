/** The last lines that runner and worker have printed, folded until they are wanted; following what is written, unless told not to. */
import * as l10n from "@vscode/l10n";
import { element, setText } from "../dom.js";
import { createCheckbox } from "../toolkit.js";
import type { ViewState } from "../viewState.js";
import type { LogTail } from "../../src/protocol/dashboard.js";

export interface LogPanelEvents {
  readonly change: (state: Partial<ViewState>) => void;
  /** Whether the lines are wanted from now on. */
  readonly want: (wanted: boolean) => void;
}

export class LogPanel {
  readonly #file = element("span", { class: "hint" });
  readonly #lines = element("pre", {
    class: "log-lines",
    attributes: { tabindex: "0", role: "region", "aria-label": l10n.t("Last lines of the log") },
  });
  readonly element: HTMLDetailsElement;
  #follow: boolean;
  #shown: LogTail | null = null;

  constructor(state: ViewState, events: LogPanelEvents) {
    this.#follow = state.follow;
    const follow = createCheckbox(l10n.t("Follow"), state.follow, (checked) => {
      this.#follow = checked;
      events.change({ follow: checked });
      this.#scroll();
    });
    const summary = element("summary", {}, element("h2", { text: l10n.t("Log") }));
    const toolbar = element("div", { class: "toolbar" }, follow.element, this.#file);
    this.element = element("details", { class: "log" }, summary, toolbar, this.#lines);
    this.element.open = state.logOpen;
    if (state.logOpen) events.want(true);
    this.element.addEventListener("toggle", () => {
      events.change({ logOpen: this.element.open });
      events.want(this.element.open);
    });
  }

  draw(tail: LogTail | null): void {
    if (!this.element.open || tail === this.#shown) return;
    this.#shown = tail;
    setText(this.#file, tail === null ? l10n.t("Nothing was printed yet") : tail.file);
    setText(this.#lines, tail?.lines.join("\n") ?? "");
    this.#scroll();
  }

  #scroll(): void {
    if (this.#follow) this.#lines.scrollTop = this.#lines.scrollHeight;
  }
}
