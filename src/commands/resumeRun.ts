/** Goes on with a run that was paused, stopped, interrupted or that failed. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { chooseRun } from "./chooseRun.js";
import { startAgain } from "./launch.js";

export const resumeRun: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Resume which run?"),
    none: vscode.l10n.t("There is no run that could be resumed."),
    fits: (candidate) => candidate.isResumable,
  });
  if (run === null) return;
  if (run.isActive) {
    await vscode.window.showInformationMessage(vscode.l10n.t("{0} is running already.", run.run.name));
    return;
  }
  await startAgain(parts, run, "resume");
};
