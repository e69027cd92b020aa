/** What stages and states are called on the page. */
import * as l10n from "@vscode/l10n";
import type { StageStatus } from "../src/protocol/runSnapshot.js";
import type { StageName } from "../src/protocol/stages.js";

export const stageLabels: Readonly<Record<StageName, { readonly name: string; readonly does: string }>> = {
  prepare: { name: l10n.t("Prepare"), does: l10n.t("Tokenize the corpus") },
  significance: { name: l10n.t("Significance"), does: l10n.t("Score every token") },
  select: { name: l10n.t("Select"), does: l10n.t("Choose impactful sentences") },
  samples: { name: l10n.t("Samples"), does: l10n.t("Skip positions up to the target") },
  extend: { name: l10n.t("Extend"), does: l10n.t("Train on the samples") },
  replay: { name: l10n.t("Replay"), does: l10n.t("Recover general ability") },
  merge: { name: l10n.t("Merge"), does: l10n.t("Average base and extended weights") },
  evaluate: { name: l10n.t("Evaluate"), does: l10n.t("Retrieve needles, measure perplexity") },
  export: { name: l10n.t("Export"), does: l10n.t("Models for scoring in the editor") },
};

export const stageStatusLabels: Readonly<Record<StageStatus, string>> = {
  waiting: l10n.t("Waiting"),
  running: l10n.t("Running"),
  cached: l10n.t("Unchanged, taken from an earlier run"),
  skipped: l10n.t("Skipped"),
  completed: l10n.t("Completed"),
  failed: l10n.t("Failed"),
};
