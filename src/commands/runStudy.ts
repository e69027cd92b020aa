/** Starts the study that is open, as a process that outlives the window, and shows how far it is. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { holdsStudy, studyOfArgument } from "../editor/studyFiles.js";
import { ensurePython } from "../platform/environment.js";
import type { Command, Parts } from "../platform/parts.js";
import { keyEnvironment } from "../platform/secrets.js";
import { requireTrust } from "../platform/trust.js";
import { studyReportSchema } from "../protocol/studyResults.js";
import { systemCode } from "../runner/faults.js";
import { launchRunner } from "../runner/launch.js";
import { liveOwner } from "../runner/lock.js";
import { identityOf, isAlive } from "../runner/processes.js";
import { runPaths } from "../runner/runDirectory.js";
import { expandStudy } from "../study/expand.js";
import { loadStudy } from "../study/load.js";
import { studyFiles, studyPlaces } from "../study/places.js";
import { inBackground } from "../platform/log.js";
import { mayRunCode } from "./consent.js";

export const runStudy: Command = async (parts, argument) => {
  requireTrust();
  const uri = studyOfArgument(argument);
  const document = uri === null ? null : await vscode.workspace.openTextDocument(uri);
  if (document === null || !holdsStudy(document)) {
    await vscode.window.showInformationMessage(
      vscode.l10n.t("Open a study (NAME.longstudy.json, or a recipe with the key `study`) first."),
    );
    return;
  }
  if (document.isDirty && !(await document.save())) return;
  const loaded = await loadStudy(document.uri.fsPath);
  // What is wrong with its runs is told before anything starts.
  const recipes = expandStudy(loaded.recipe, loaded.study, loaded.name).map(({ recipe }) => recipe);
  const { directory } = studyPlaces(loaded);
  const paths = runPaths(directory);
  if ((await liveOwner(paths)) === null) {
    if (!(await mayRunCode(parts, ...recipes))) return;
    const keys = await keyEnvironment(parts.context, ...recipes);
    const { python } = await ensurePython(parts);
    const { pid } = await launchRunner({
      node: process.execPath,
      runnerScript: vscode.Uri.joinPath(parts.context.extensionUri, "dist", "runner.js").fsPath,
      args: ["study", loaded.file],
      cwd: dirname(loaded.file),
      log: paths.log,
      env: { LONGRECIPE_PYTHON: python, ...keys },
    });
    parts.log.info(`Study ${loaded.name} started as process ${String(pid)}: ${String(recipes.length)} runs, log ${paths.log}`);
    inBackground(parts.log, follow(parts, loaded.name, directory, pid));
  }
};

/** Progress in the status bar until the process has ended; what it said when it failed. */
async function follow(parts: Parts, name: string, directory: string, pid: number): Promise<void> {
  const runner = identityOf(pid);
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Study {0}", name) },
    async (progress) => {
      while (isAlive(runner)) {
        const state = await progressOf(directory);
        if (state !== null) progress.report({ message: vscode.l10n.t("{0} of {1} runs", state.done, state.total) });
        await sleep(1000);
      }
    },
  );
  const state = await progressOf(directory);
  parts.log.info(
    `Study ${name} has ended: ${state === null ? "nothing is done" : `${String(state.done)} of ${String(state.total)} runs are done`}`,
  );
  if (state !== null && state.done === state.total) {
    vscode.window.setStatusBarMessage(vscode.l10n.t("The study {0} is complete.", name), 10_000);
    return;
  }
  const said = (await readFile(runPaths(directory).log, "utf8")).trim().split("\n").slice(-3).join(" ");
  const message = vscode.l10n.t(
    "The study {0} has ended before all its runs were done: {1} Run it again: what is done is not done anew.",
    name,
    said,
  );
  const open = vscode.l10n.t("Open Log");
  if ((await vscode.window.showWarningMessage(message, open)) === open) {
    await vscode.window.showTextDocument(vscode.Uri.file(runPaths(directory).log));
  }
}

async function progressOf(directory: string): Promise<{ done: number; total: number } | null> {
  try {
    const { cells } = studyReportSchema.parse(JSON.parse(await readFile(join(directory, studyFiles.results), "utf8")));
    return { done: cells.filter(({ status }) => status === "done").length, total: cells.length };
  } catch (error) {
    // Before its first run is prepared a study has written nothing.
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
