/** Checks the text of a recipe against its schema, its own keys and the files it names, and says where each fault stands. */
import * as vscode from "vscode";
import type { Problem } from "../protocol/errors.js";
import { recipeSchema, type Recipe } from "../protocol/recipe.js";
import { checkRecipe } from "../recipe/check.js";
import { locateKey } from "../recipe/locate.js";
import { parseRecipe } from "../recipe/parse.js";
import { localProblems } from "./localProblems.js";

/** A recipe without problems, or every problem it has. */
export type CheckedRecipe = { readonly recipe: Recipe; readonly problems: readonly [] } | { readonly problems: readonly Problem[] };

/** @param folder that of the recipe file */
export async function checkText(text: string, folder: string): Promise<CheckedRecipe> {
  const parsed = parseRecipe(text);
  if ("problems" in parsed) return { problems: parsed.problems };
  const problems = [...checkRecipe(parsed.recipe), ...(await localProblems(parsed.recipe, folder))];
  return problems.length > 0 ? { problems } : { recipe: parsed.recipe, problems: [] };
}

/** Diagnostics at the keys that the problems name. */
export function mark(document: vscode.TextDocument, text: string, problems: readonly Problem[]): vscode.Diagnostic[] {
  return problems.map(({ path, message }) => {
    const { start, end } = locateKey(text, path);
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    const diagnostic = new vscode.Diagnostic(range, `${path}: ${message}`, vscode.DiagnosticSeverity.Error);
    diagnostic.source = "LongRecipe";
    return diagnostic;
  });
}

/** The lines "  KEY.PATH: what is wrong" of a fault's message whose path is that of a recipe's key. */
export function problemsIn(message: string): Problem[] {
  const keys: readonly string[] = Object.keys(recipeSchema.shape);
  return [...message.matchAll(/^ {2}([A-Za-z][\w.[\]]*): (.+)$/gm)].flatMap(([, path = "", text = ""]) =>
    keys.includes(path.split(/[.[]/)[0] ?? "") ? [{ path, message: text }] : [],
  );
}
