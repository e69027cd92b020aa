/** What models and benchmarks are called, in the person's language. */
import * as l10n from "@vscode/l10n";

export function modelLabel(model: string): string {
  switch (model) {
    case "base":
      return l10n.t("Base");
    case "rope":
      return l10n.t("Rotary scaling only");
    case "extended":
      return l10n.t("Extended");
    case "merged":
      return l10n.t("Merged");
    default:
      return model;
  }
}

export function taskLabel(task: string): string {
  switch (task) {
    case "needle":
      return l10n.t("Needles found");
    case "perplexity":
      return l10n.t("Perplexity by position");
    default:
      return task;
  }
}
