/** What was to be measured and was not, said before any score. */
import * as l10n from "@vscode/l10n";
import type { EvaluationDetails } from "../../src/protocol/evaluationView.js";
import { element } from "../dom.js";
import { formatLength } from "../format.js";
import type { TableState } from "./benchmarks.js";
import { modelLabel, taskLabel } from "./labels.js";

type Missing = EvaluationDetails["missing"][number];

/** Nothing where all is there. */
export function missingSection(missing: readonly Missing[], tables: TableState): HTMLElement[] {
  if (missing.length === 0) return [];
  const total = missing.reduce((sum, { count }) => sum + count, 0);
  const list = element("ul", {}, ...missing.map((one) => element("li", {}, element("strong", { text: headOf(one) }), ` ${one.reason}`)));
  const summary = element("summary", {
    text: total === 1 ? l10n.t("Not complete: 1 prompt is missing") : l10n.t("Not complete: {0} prompts are missing", total),
  });
  const details = element("details", { attributes: { "data-task": "missing" } }, summary, list);
  details.open = tables.isOpen("missing");
  details.addEventListener("toggle", () => tables.toggle("missing", details.open));
  return [element("section", { class: "missing" }, details)];
}

function headOf({ model, task, length, count }: Missing): string {
  const who = model === null ? l10n.t("every model") : modelLabel(model);
  const what = length === null ? taskLabel(task) : `${taskLabel(task)}, ${formatLength(length)}`;
  return `${who} · ${what} · ${String(count)}`;
}

/** One line under a benchmark that is not whole; nothing under one that is. */
export function partialNote(missing: readonly Missing[], belongs: (task: string) => boolean): HTMLElement[] {
  const own = missing.filter(({ task }) => belongs(task));
  if (own.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { model, count } of own) {
    const name = model === null ? l10n.t("every model") : modelLabel(model);
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const who = [...counts].map(([name, count]) => `${name} (${String(count)})`).join(", ");
  return [element("p", { class: "notice partial", text: `⚠ ${l10n.t("Partial scores: prompts are missing of {0}", who)}` })];
}
