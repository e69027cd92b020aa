/** Copies the embedded example (model, corpus, recipe) to where the person works, and runs it. For first use. */
import { existsSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { glob } from "tinyglobby";
import * as vscode from "vscode";
import { recipeFolder } from "../platform/folders.js";
import type { Command, Parts } from "../platform/parts.js";
import { requireTrust } from "../platform/trust.js";
import { startRun } from "./launch.js";

/** Folder that is made for it in the workspace. */
const FOLDER = "longrecipe-example";

export const tryExample: Command = async (parts) => {
  requireTrust();
  const folder = await recipeFolder();
  if (folder === null) return;
  const recipe = await copyExample(parts, join(folder.fsPath, FOLDER));
  await vscode.window.showTextDocument(vscode.Uri.file(recipe));
  await startRun(parts, vscode.Uri.file(recipe));
};

/** Copies what is not there yet: changes that a person made to an earlier copy stay. @returns the recipe file. */
async function copyExample(parts: Parts, target: string): Promise<string> {
  const source = join(parts.context.extensionPath, "examples", "embedded");
  const files = await glob(["**"], { cwd: source, ignore: ["pretrain/**"] });
  const recipe = files.sort().find((file) => file.endsWith(".longrecipe.json"));
  if (recipe === undefined) throw new Error(`no recipe in ${source}`);
  for (const file of files) {
    const to = join(target, file);
    if (existsSync(to)) continue;
    await mkdir(join(to, ".."), { recursive: true });
    await cp(join(source, file), to);
  }
  return join(target, recipe);
}
