/** The answers behind one cell of a needle heat map, each with a way to its exact prompt. */
import * as l10n from "@vscode/l10n";
import { modelStyle } from "../charts/modelStyle.js";
import type { NeedleCell } from "../charts/needleData.js";
import { element } from "../dom.js";
import { formatInteger, formatShare } from "../format.js";
import type { ResultRow } from "../../src/protocol/results.js";

const mostShown = 5;

/** Shows what it is told; a chosen cell stays until another is chosen, so that its links can be reached. */
export class CellDetails {
  readonly element = element(
    "div",
    { class: "cell-details", attributes: { role: "region", "aria-label": l10n.t("Answers") } },
    element("p", { class: "hint", text: l10n.t("Point at a cell to see the answers; click it, or press Enter, to open the prompt.") }),
  );
  #pinned: NeedleCell | null = null;

  constructor(private readonly open: (promptHash: string) => void) {
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#pinned = null;
    });
  }

  show(model: string, cell: NeedleCell): void {
    if (this.#pinned === null) this.#fill(model, cell);
  }

  /** Holds the cell's answers and opens the prompt of the first wrong one, else of the first. */
  choose(model: string, cell: NeedleCell): void {
    this.#pinned = this.#pinned === cell ? null : cell;
    this.#fill(model, cell);
    const trial = cell.trials.find(({ score }) => score < 1) ?? cell.trials[0];
    if (this.#pinned !== null && trial !== undefined) this.open(trial.promptHash);
  }

  #fill(model: string, { length, depth, mean, trials }: NeedleCell): void {
    const right = trials.filter((row) => row.score === 1).length;
    const place = l10n.t("{0} tokens · depth {1}", formatInteger(length), formatShare(depth));
    const head = `${modelStyle(model).label} · ${place} · ${l10n.t("{0} of {1} right", right, trials.length)}`;
    const shown = trials.slice(0, mostShown).map((row) => this.#answer(row));
    this.element.replaceChildren(element("p", { text: Number.isNaN(mean) ? "" : head }), element("ul", {}, ...shown));
  }

  #answer(row: ResultRow): HTMLElement {
    const verdict = row.score === 1 ? l10n.t("right") : row.score > 0 ? formatShare(row.score) : l10n.t("wrong");
    const button = element("button", {
      class: "link",
      text: l10n.t("Prompt"),
      attributes: { type: "button", "aria-label": l10n.t("Open prompt {0}", row.trial + 1) },
    });
    button.addEventListener("click", () => this.open(row.promptHash));
    const expected = [element("span", { text: ` ${l10n.t("expected")} ` }), element("code", { text: row.expected ?? "" })];
    return element(
      "li",
      { class: row.score === 1 ? "right" : "wrong" },
      element("span", { class: "verdict", text: verdict }),
      element("code", { text: row.answer ?? l10n.t("no answer") }),
      ...(row.score === 1 || row.expected === null ? [] : expected),
      " ",
      button,
    );
  }
}
