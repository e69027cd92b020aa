/** Opens the recipe file a run was made from; when that is gone, the copy the run keeps. */
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { chooseRun } from "./chooseRun.js";

export const openRecipe: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Recipe of which run?"),
    none: vscode.l10n.t("There is no run yet."),
    fits: () => true,
  });
  if (run === null) return;
  const file = existsSync(run.run.recipeFile) ? run.run.recipeFile : run.paths.recipe;
  await vscode.window.showTextDocument(vscode.Uri.file(file));
};
