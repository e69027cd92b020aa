/** Says whether a recipe is in order; what is not is marked in it. */
import * as vscode from "vscode";
import { recipeOfArgument } from "../editor/recipeFiles.js";
import type { Command } from "../platform/parts.js";

export const validateRecipe: Command = async (parts, argument) => {
  const recipe = recipeOfArgument(argument);
  if (recipe === null) {
    await vscode.window.showInformationMessage(vscode.l10n.t("Open a recipe (NAME.longrecipe.json) first."));
    return;
  }
  const { problems } = await parts.diagnostics.check(await vscode.workspace.openTextDocument(recipe));
  if (problems.length === 0) {
    await vscode.window.showInformationMessage(vscode.l10n.t("The recipe is in order. What only the models tell is checked when it runs."));
  } else {
    await vscode.commands.executeCommand("workbench.actions.view.problems");
  }
};
