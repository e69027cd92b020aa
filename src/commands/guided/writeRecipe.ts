/** Writes the recipe of a draft under a name that is free. */
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { draftName, recipeOf, type RecipeDraft } from "./draft.js";

/** @returns the file, in `folder`. */
export async function writeRecipe(draft: RecipeDraft, folder: vscode.Uri, name = draftName(draft)): Promise<vscode.Uri> {
  const file = freeFile(folder, name);
  const text = `${JSON.stringify(recipeOf(draft, folder.fsPath), null, 2)}\n`;
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  return file;
}

function freeFile(folder: vscode.Uri, name: string): vscode.Uri {
  for (let n = 1; ; n += 1) {
    const file = vscode.Uri.joinPath(folder, `${name}${n === 1 ? "" : `-${String(n)}`}.longrecipe.json`);
    if (!existsSync(file.fsPath)) return file;
  }
}
