/** Opens a run's report beside the editor, as rendered Markdown. */
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { chooseRun } from "./chooseRun.js";

export const openReport: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Report of which run?"),
    none: vscode.l10n.t("No run has a report yet; the last stage, Evaluate, writes it."),
    fits: (candidate) => candidate.hasReport,
  });
  if (run === null) return;
  if (!existsSync(run.paths.reportMarkdown)) {
    await vscode.window.showInformationMessage(vscode.l10n.t("{0} has no report yet; the last stage, Evaluate, writes it.", run.run.name));
    return;
  }
  await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.file(run.paths.reportMarkdown));
};
