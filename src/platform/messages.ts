/** How faults reach people: one message, what to do about it, and the log one click away. */
import * as vscode from "vscode";
import { messageOf, UserError } from "../protocol/errors.js";
import { logError } from "./log.js";

/**
 * Shows what was thrown. A UserError tells its remedy; anything else is a defect of ours and says so.
 * @param log keeps the stack, which the message does not show
 */
export async function showFault(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  if (error instanceof vscode.CancellationError) return;
  const openLog = vscode.l10n.t("Open Log");
  logError(log, error);
  const choice = await vscode.window.showErrorMessage(faultText(error), openLog);
  if (choice === openLog) log.show();
}

function faultText(error: unknown): string {
  if (error instanceof UserError) {
    const [first] = error.problems;
    const detail = error.problems.length === 1 && first !== undefined ? ` ${first.path}: ${first.message}.` : "";
    return `${error.message}${detail} ${error.remedy}`;
  }
  return vscode.l10n.t("LongRecipe met an unexpected error: {0}", messageOf(error));
}
