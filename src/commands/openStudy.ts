/** Opens the report of a study, as rendered Markdown. */
import * as vscode from "vscode";
import { studyOfArgument, studyReport } from "../editor/studyFiles.js";
import type { Command } from "../platform/parts.js";

export const openStudy: Command = async (_parts, argument) => {
  const file = studyOfArgument(argument);
  const report = file === null ? null : studyReport(await vscode.workspace.openTextDocument(file));
  if (report === null) {
    await vscode.window.showInformationMessage(vscode.l10n.t("This study has no report yet; it is written when its first run is done."));
    return;
  }
  await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.file(report));
};
