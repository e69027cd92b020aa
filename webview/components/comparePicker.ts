/** Which other runs lie over this one: a list that unfolds, at most as many as there are colours. */
import * as l10n from "@vscode/l10n";
import { element, setText } from "../dom.js";
import { createCheckbox, type ChoiceControl } from "../toolkit.js";
import type { OtherRun } from "../../src/protocol/dashboard.js";

const most = 3;
/** Room between the list and the edge of the page, in pixels. */
const edge = 20;

export class ComparePicker {
  readonly #summary = element("summary");
  readonly #list = element("div", { class: "compare-list", attributes: { role: "group", "aria-label": l10n.t("Runs to compare with") } });
  readonly element = element("details", { class: "compare" }, this.#summary, this.#list);
  readonly #boxes = new Map<string, ChoiceControl<boolean>>();
  #shown = "";

  constructor(
    private chosen: readonly string[],
    private readonly choose: (directories: readonly string[]) => void,
  ) {
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      this.element.open = false;
      this.#summary.focus();
    });
    this.element.addEventListener("toggle", () => this.#keepInView());
    document.addEventListener("pointerdown", (event) => {
      if (this.element.open && event.target instanceof Node && !this.element.contains(event.target)) this.element.open = false;
    });
  }

  update(others: readonly OtherRun[]): void {
    this.element.hidden = others.length === 0;
    const key = JSON.stringify(others);
    if (key !== this.#shown) {
      this.#shown = key;
      this.#boxes.clear();
      this.#list.replaceChildren(...others.map((run) => this.#entry(run)));
    }
    const known = this.chosen.filter((directory) => this.#boxes.has(directory)).length;
    setText(this.#summary, known === 0 ? l10n.t("Compare") : l10n.t("Compare: {0}", known));
  }

  /** Below its summary, but not over the edge of the page. */
  #keepInView(): void {
    this.#list.style.translate = "";
    const over = this.#list.getBoundingClientRect().right - (document.documentElement.clientWidth - edge);
    if (this.element.open && over > 0) this.#list.style.translate = `${String(-over)}px`;
  }

  #entry({ directory, name, created }: OtherRun): HTMLElement {
    const when = new Date(created).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
    const box = createCheckbox(`${name} (${when})`, this.chosen.includes(directory), (checked) => this.#change(directory, checked));
    this.#boxes.set(directory, box);
    return box.element;
  }

  #change(directory: string, checked: boolean): void {
    const others = this.chosen.filter((entry) => entry !== directory && this.#boxes.has(entry));
    // One too many: the one that was chosen first makes way.
    this.chosen = checked ? [...others, directory].slice(-most) : others;
    for (const [name, box] of this.#boxes) box.set(this.chosen.includes(name));
    this.choose(this.chosen);
  }
}
