/** Opens a recipe as a form: beside its JSON where that is open, else in its place. */
import * as vscode from "vscode";
import { RECIPE_FORM_VIEW_TYPE } from "../editor/recipeForm.js";
import { recipeOfArgument } from "../editor/recipeFiles.js";
import type { Command } from "../platform/parts.js";

export const openRecipeForm: Command = async (_, argument) => {
  const recipe = recipeOfArgument(argument);
  if (recipe === null) {
    await vscode.window.showInformationMessage(vscode.l10n.t("Open a recipe (*.longrecipe.json) first."));
    return;
  }
  const inText = vscode.window.activeTextEditor?.document.uri.toString() === recipe.toString();
  const column = inText ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
  await vscode.commands.executeCommand("vscode.openWith", recipe, RECIPE_FORM_VIEW_TYPE, column);
};
