/** Shows where the merged checkpoint is: in the explorer when it lies in the workspace, else in the system's file manager. */
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { chooseRun } from "./chooseRun.js";

export const openMergedCheckpoint: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Checkpoint of which run?"),
    none: vscode.l10n.t("No run has a merged checkpoint yet."),
    fits: (candidate) => candidate.hasCheckpoint,
  });
  if (run === null) return;
  if (!existsSync(run.paths.merged)) {
    await vscode.window.showInformationMessage(vscode.l10n.t("{0} has no merged checkpoint yet.", run.run.name));
    return;
  }
  const uri = vscode.Uri.file(run.paths.merged);
  const inWorkspace = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(inWorkspace ? "revealInExplorer" : "revealFileInOS", uri);
  const copy = vscode.l10n.t("Copy Path");
  const choice = await vscode.window.showInformationMessage(vscode.l10n.t("Merged checkpoint: {0}", run.paths.merged), copy);
  if (choice === copy) await vscode.env.clipboard.writeText(run.paths.merged);
};
