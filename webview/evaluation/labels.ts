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
    case "needle-single":
      return l10n.t("Needles found, without others beside them");
    case "needle-passkey":
      return l10n.t("Pass keys found");
    case "needle-uuid":
      return l10n.t("UUIDs found");
    case "needle-multi":
      return l10n.t("Several needles of one key, all found");
    case "loss-by-distance":
      return l10n.t("Loss by distance to the token's last occurrence");
    case "loss-by-distance/first":
      return l10n.t("Loss of tokens that occur for the first time");
    case "contrast":
      return l10n.t("Loss gained by distant context");
    case "contrast/gaining":
      return l10n.t("Share of tokens that gain by distant context");
    case "contrast/key-tokens":
      return l10n.t("Perplexity of tokens that need distant context");
    case "perplexity":
      return l10n.t("Perplexity by position");
    default:
      return task;
  }
}
