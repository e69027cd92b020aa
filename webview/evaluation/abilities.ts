/** Whether what the model could do before is still there: changes inside the original window, flagged where they are sure. */
import * as l10n from "@vscode/l10n";
import type { AbilityChange, EvaluationSummary } from "../../src/protocol/evaluationView.js";
import { element } from "../dom.js";
import { formatLength, formatShare } from "../format.js";
import { modelLabel } from "./labels.js";

const marks = { better: "▲", same: "✓", worse: "⚠" } as const;

export function abilities({ changes, window }: EvaluationSummary): HTMLElement {
  const title = element("h2", { text: l10n.t("General ability"), attributes: { id: "abilities" } });
  const section = element("section", { class: "abilities", attributes: { "aria-labelledby": "abilities" } }, title);
  if (changes.length === 0) {
    section.append(element("p", { class: "muted", text: l10n.t("These results hold no base model to compare with.") }));
    return section;
  }
  const lines = changes.map((change) =>
    element(
      "li",
      { class: `change change-${change.verdict}` },
      element("span", { class: "mark", text: marks[change.verdict], attributes: { "aria-hidden": "true" } }),
      element("span", { class: "model", text: modelLabel(change.model) }),
      element("span", { class: "what", text: changeText(change) }),
      element("span", { class: "verdict", text: verdictText(change) }),
    ),
  );
  section.append(
    element("ul", {}, ...lines),
    element("p", {
      class: "muted",
      text: l10n.t(
        "Inside the original window ({0} tokens), against the base on the same prompts and documents; intervals of 95 %.",
        formatLength(window),
      ),
    }),
  );
  return section;
}

function changeText({ ability, change, pairs }: AbilityChange): string {
  if (ability === "perplexity") {
    return l10n.t(
      "perplexity {0} ({1} to {2}), {3} documents",
      percentChange(change.value),
      percentChange(change.low),
      percentChange(change.high),
      pairs,
    );
  }
  const values = [points(change.value), points(change.low), points(change.high)] as const;
  return ability === "needle"
    ? l10n.t("needles {0} ({1} to {2}), {3} prompts", ...values, pairs)
    : l10n.t("{4} {0} ({1} to {2}), {3} prompts", ...values, pairs, ability);
}

function verdictText({ verdict, holds }: AbilityChange): string {
  // One of twenty changes that are none looks sure: what does not hold among all of them is told with that.
  if (verdict !== "same" && !holds) return verdict === "worse" ? l10n.t("worse, by itself") : l10n.t("better, by itself");
  switch (verdict) {
    case "better":
      return l10n.t("better");
    case "same":
      return l10n.t("no sure change");
    case "worse":
      return l10n.t("worse: regression");
  }
}

function percentChange(ratio: number): string {
  return formatShare(ratio - 1, { digits: 1, signed: true });
}

/** A difference of shares in percentage points. */
function points(difference: number): string {
  return formatShare(difference, { signed: true });
}
