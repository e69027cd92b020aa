/** Which documents are recipes. */
import * as vscode from "vscode";

/** For code lenses and other language features. */
export const recipeSelector: vscode.DocumentSelector = { scheme: "file", pattern: "**/*.longrecipe.json" };

export function isRecipe(uri: vscode.Uri): boolean {
  return uri.scheme === "file" && uri.path.endsWith(".longrecipe.json");
}

/** The recipe a command is about: the one it was called on, else the one in the active editor. */
export function recipeOfArgument(argument: unknown): vscode.Uri | null {
  if (argument instanceof vscode.Uri) return isRecipe(argument) ? argument : null;
  const active = vscode.window.activeTextEditor?.document.uri ?? shownForm();
  return active !== undefined && isRecipe(active) ? active : null;
}

/** The recipe that the form in front shows, which is no text editor. */
function shownForm(): vscode.Uri | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom ? input.uri : undefined;
}
