/** Opens the walkthrough. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";

export const openWalkthrough: Command = async ({ context }) => {
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`, false);
};
