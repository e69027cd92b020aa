/** Where new files go. */
import * as vscode from "vscode";

/** The workspace's folder, one of several, or one picked where none is open. @returns null when nothing was picked. */
export async function recipeFolder(): Promise<vscode.Uri | null> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const [first] = folders;
  if (first === undefined) return pickFolder();
  if (folders.length === 1) return first.uri;
  const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder: vscode.l10n.t("In which folder shall the recipe lie?") });
  return picked?.uri ?? null;
}

async function pickFolder(): Promise<vscode.Uri | null> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: vscode.l10n.t("Use This Folder"),
    title: vscode.l10n.t("Folder for the recipe and its runs"),
  });
  return chosen?.[0] ?? null;
}
