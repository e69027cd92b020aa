/** Evaluates a completed run again, with the recipe it was made from as that is now. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { chooseRun } from "./chooseRun.js";
import { startAgain } from "./launch.js";

export const evaluateRun: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Evaluate which run?"),
    none: vscode.l10n.t("No run has a merged checkpoint that could be evaluated."),
    fits: (candidate) => candidate.status === "completed",
  });
  if (run === null) return;
  if (run.isActive) {
    await vscode.window.showInformationMessage(vscode.l10n.t("{0} is running; its last stage evaluates it.", run.run.name));
    return;
  }
  await startAgain(parts, run, "evaluate");
};
