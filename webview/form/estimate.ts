/** What a run would need here. */
import * as l10n from "@vscode/l10n";
import type { EstimateView } from "../../src/protocol/recipeForm.js";
import { element } from "../dom.js";

export class EstimatePanel {
  readonly element = element("section", { class: "estimate", attributes: { "aria-labelledby": "estimate-title", "aria-live": "polite" } });

  constructor() {
    this.show(null, l10n.t("Looking at model, corpus and machine…"));
  }

  show(estimate: EstimateView | null, why: string | null): void {
    const title = element("h2", { text: l10n.t("Estimate"), attributes: { id: "estimate-title" } });
    if (estimate === null) {
      this.element.replaceChildren(title, element("p", { class: "note", text: why ?? "" }));
      return;
    }
    const rows = estimate.rows.map(({ label, value, detail }) =>
      element(
        "div",
        {},
        element("dt", { text: label }),
        element("dd", {}, element("span", { class: "figure", text: value }), element("span", { class: "note", text: detail })),
      ),
    );
    const fits = element("p", { class: `fits fits-${estimate.fits}` }, element("strong", { text: fitsText(estimate.fits) }));
    this.element.replaceChildren(
      title,
      element("p", { class: "note", text: estimate.device }),
      fits,
      element("dl", {}, ...rows),
      element("p", { class: "note", text: l10n.t("These are estimates, made from sizes before anything has run.") }),
      ...estimate.notes.map((text) => element("p", { class: "note", text })),
    );
  }
}

function fitsText(fits: EstimateView["fits"]): string {
  switch (fits) {
    case "yes":
      return l10n.t("It should fit into memory.");
    case "tight":
      return l10n.t("Tight: it may run out of memory.");
    case "no":
      return l10n.t("It needs more memory than there is. Try LoRA, a smaller micro batch or a shorter trained length.");
    case "unknown":
      return l10n.t("Whether it fits is not known.");
  }
}
