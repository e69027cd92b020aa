/** The recipe form: a custom editor of recipe files beside their JSON, which stays the source. */
import * as vscode from "vscode";
import type { Parts } from "../platform/parts.js";

export const RECIPE_FORM_VIEW_TYPE = "longrecipe.recipeForm";

/** @returns the registration; what the form needs is loaded when one is opened. */
export function registerRecipeForm(parts: Pick<Parts, "context" | "diagnostics" | "log" | "store">): vscode.Disposable {
  return vscode.window.registerCustomEditorProvider(RECIPE_FORM_VIEW_TYPE, {
    async resolveCustomTextEditor(document: vscode.TextDocument, panel: vscode.WebviewPanel): Promise<void> {
      const { RecipeFormPanel } = await import("./recipeFormPanel.js");
      new RecipeFormPanel(document, panel, parts);
    },
  });
}
