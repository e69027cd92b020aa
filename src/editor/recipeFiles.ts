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
  const active = vscode.window.activeTextEditor?.document.uri;
  return active !== undefined && isRecipe(active) ? active : null;
}
