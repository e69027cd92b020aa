/** Deletes a run, after asking. Its stages may serve other runs, which is said. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import type { FollowedRun } from "../views/followedRun.js";
import type { RunStore } from "../views/runStore.js";
import { chooseRun } from "./chooseRun.js";

export const deleteRun: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Delete which run?"),
    none: vscode.l10n.t("There is no run that could be deleted."),
    fits: (candidate) => !candidate.isActive,
  });
  if (run === null) return;
  if (run.isActive) {
    await vscode.window.showInformationMessage(vscode.l10n.t("{0} is running. Stop it first.", run.run.name));
    return;
  }
  const confirm = vscode.l10n.t("Delete");
  const detail = vscode.l10n.t(
    "{0}\n\nIts checkpoints, tables and report go. Later runs that used its stages compute them again.",
    run.directory,
  );
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t("Delete the run {0}?", run.run.name),
    { modal: true, detail },
    confirm,
  );
  if (choice === confirm) await removeRun(parts.store, run);
};

/** Takes the run's folder away, and the run from what is shown. */
export async function removeRun(store: Pick<RunStore, "remove">, { directory }: Pick<FollowedRun, "directory">): Promise<void> {
  await vscode.workspace.fs.delete(vscode.Uri.file(directory), { recursive: true, useTrash: false });
  await store.remove(directory);
}
