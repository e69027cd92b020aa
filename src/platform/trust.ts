/** Nothing is launched in a workspace that is not trusted; the menus hide it, and this refuses it. */
import * as vscode from "vscode";
import { exitCode, UserError } from "../protocol/errors.js";

/** @throws UserError when the workspace is not trusted. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new UserError(
    "untrusted-workspace",
    vscode.l10n.t("Nothing is started in a workspace that is not trusted."),
    vscode.l10n.t('Trust it with "Workspaces: Manage Workspace Trust", then try again.'),
    exitCode.badInput,
  );
}
