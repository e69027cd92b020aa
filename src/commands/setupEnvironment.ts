/** Makes the worker's Python environment, or makes it anew. */
import * as vscode from "vscode";
import { ensurePython } from "../platform/environment.js";
import type { Command } from "../platform/parts.js";
import { requireTrust } from "../platform/trust.js";

export const setupEnvironment: Command = async (parts) => {
  requireTrust();
  const found = await ensurePython(parts);
  if (found.origin !== "managed") {
    await vscode.window.showInformationMessage(vscode.l10n.t("The Python environment is in order: {0}", found.python));
    return;
  }
  const repair = vscode.l10n.t("Make It Anew");
  const choice = await vscode.window.showInformationMessage(vscode.l10n.t("The Python environment is in order: {0}", found.python), repair);
  if (choice !== repair) return;
  const { python } = await ensurePython(parts, true);
  await vscode.window.showInformationMessage(vscode.l10n.t("The Python environment was made anew: {0}", python));
};
