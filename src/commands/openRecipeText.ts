/** Opens the JSON of the form that is shown, beside it. */
import * as vscode from "vscode";
import { isRecipe } from "../editor/recipeFiles.js";
import type { Command } from "../platform/parts.js";

export const openRecipeText: Command = async (_, argument) => {
  const recipe = argument instanceof vscode.Uri ? argument : activeForm();
  if (recipe === null || !isRecipe(recipe)) return;
  await vscode.commands.executeCommand("vscode.openWith", recipe, "default", vscode.ViewColumn.Beside);
};

function activeForm(): vscode.Uri | null {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom ? input.uri : null;
}
