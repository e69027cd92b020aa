/** Opens the sample inspector on a run. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import type { RunSnapshot } from "../protocol/runSnapshot.js";
import { chooseRun } from "./chooseRun.js";

export const inspectSamples: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Samples of which run?"),
    none: vscode.l10n.t("No run has built its samples yet; the stage Samples does."),
    fits: hasSamples,
  });
  if (run === null) return;
  if (hasSamples(run)) await parts.samples.show(run);
  else
    await vscode.window.showInformationMessage(vscode.l10n.t("{0} has not built its samples yet; the stage Samples does.", run.run.name));
};

function hasSamples({ snapshot }: { readonly snapshot: RunSnapshot }): boolean {
  const status = snapshot.stages.find(({ name }) => name === "samples")?.status;
  return status === "completed" || status === "cached";
}
