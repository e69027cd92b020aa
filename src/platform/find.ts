/** Finds files of the workspace. Not through VS Code's search, which needs a helper program that is not on every host. */
import { dirname } from "node:path";
import { glob } from "tinyglobby";
import * as vscode from "vscode";

/** Deeper than this nobody keeps a model or a recipe, and a forgotten data set could hold millions of files. */
const DEPTH = 6;
const IGNORED = ["**/node_modules/**", "**/.git/**", "**/.venv/**", "**/venv/**", "**/.longrecipe/**", "**/dist/**", "**/site-packages/**"];

/** Absolute paths of the files of all workspace folders that match, in their order. */
export async function findInWorkspace(patterns: readonly string[]): Promise<string[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
  const found = await Promise.all(
    folders.map((folder) =>
      glob([...patterns], {
        cwd: folder.uri.fsPath,
        absolute: true,
        deep: DEPTH,
        followSymbolicLinks: false,
        ignore: IGNORED,
      }),
    ),
  );
  return found.flat().sort();
}

/** Folders that directly hold a matching file. */
export async function foldersHolding(patterns: readonly string[]): Promise<string[]> {
  return [...new Set((await findInWorkspace(patterns)).map((file) => dirname(file)))];
}
