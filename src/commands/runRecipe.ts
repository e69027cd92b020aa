/** Runs the recipe that is open, or the one the code lens stands in. */
import * as vscode from "vscode";
import { recipeOfArgument } from "../editor/recipeFiles.js";
import type { Command } from "../platform/parts.js";
import { startRun } from "./launch.js";

export const runRecipe: Command = async (parts, argument) => {
  const recipe = recipeOfArgument(argument);
  if (recipe === null) {
    await vscode.window.showInformationMessage(vscode.l10n.t("Open a recipe (NAME.longrecipe.json) first."));
    return;
  }
  await startRun(parts, recipe);
};
