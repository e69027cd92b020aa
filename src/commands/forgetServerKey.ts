/** Removes the key of a server from VS Code's secret storage. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { forgetServerKey as forget, serverKeyNames } from "../platform/secrets.js";

export const forgetServerKey: Command = async (parts, argument) => {
  const known = serverKeyNames(parts.context);
  if (known.length === 0) {
    await vscode.window.showInformationMessage(vscode.l10n.t("No server's key is kept."));
    return;
  }
  const given = typeof argument === "string" && known.includes(argument) ? argument : undefined;
  const name = given ?? (await vscode.window.showQuickPick(known, { placeHolder: vscode.l10n.t("Forget which key?") }));
  if (name === undefined) return;
  await forget(parts.context, name);
  vscode.window.setStatusBarMessage(vscode.l10n.t("The key {0} is forgotten.", name), 5000);
};
