/** Requests to a running run, left in its control folder. */
import * as vscode from "vscode";
import type { Parts } from "../platform/parts.js";
import type { ControlRequest } from "../protocol/stages.js";
import { requestControl } from "../runner/control.js";
import { chooseRun } from "./chooseRun.js";

/** Leaves `request` with the run that is meant; says so in the status bar, since it is taken up at the next step only. */
export async function leaveRequest(parts: Parts, argument: unknown, request: ControlRequest, said: string): Promise<void> {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Which run?"),
    none: vscode.l10n.t("No run is running."),
    fits: (candidate) => candidate.isActive,
  });
  if (run === null) return;
  if (!run.isActive) {
    await vscode.window.showInformationMessage(vscode.l10n.t("{0} is not running.", run.run.name));
    return;
  }
  await requestControl(run.paths.control, request);
  parts.log.info(`[${run.run.name}] ${request} requested`);
  vscode.window.setStatusBarMessage(said, 5000);
}
