/** Tells of faults once, also of those that came while no window was open, and of completed runs that were watched. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { notifyWhenDone, scorerModelsSetting, useScorerModels } from "../platform/settings.js";
import { pairFolder } from "../runner/stages/files.js";
import type { FaultMemory } from "./faultMemory.js";
import { tryAgain } from "./followUps.js";
import type { FollowedRun, ShownStatus } from "./followedRun.js";
import type { RunStore } from "./runStore.js";

export class RunNotices implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;
  private readonly lastStatus = new WeakMap<FollowedRun, ShownStatus>();

  constructor(
    store: RunStore,
    private readonly log: vscode.LogOutputChannel,
    private readonly memory: FaultMemory,
    /** Marks in the recipe what the fault says of it. */
    private readonly mark: (recipeFile: string, message: string) => Promise<void>,
  ) {
    this.subscription = store.onDidChange((changed) => {
      if (changed !== null) this.copyLog(changed);
      memory.watching().then(undefined, (error: unknown) => log.error(String(error)));
      for (const run of changed === null ? store.all() : [changed]) {
        this.look(run).catch((error: unknown) => log.error(String(error)));
      }
    });
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async look(run: FollowedRun): Promise<void> {
    const before = this.lastStatus.get(run);
    this.lastStatus.set(run, run.status);
    const fault = run.snapshot.error;
    if (fault !== null && (await this.isNews(run))) await this.tellFault(run, fault.message, fault.remedy);
    if (run.status === "completed" && run.shown.followUp === null && (before === "running" || before === "starting"))
      await tellCompleted(run);
  }

  private async isNews({ directory, faultEvent }: FollowedRun): Promise<boolean> {
    if (faultEvent === null) return false;
    return this.memory.isNews(`${directory}#${String(faultEvent.seq)}`, faultEvent.time);
  }

  /** Keeps what a run says of itself in the log. */
  private copyLog(run: FollowedRun): void {
    for (const event of run.fresh) {
      if (event.kind === "log" && event.level !== "debug") this.log[level(event.level)](`[${run.run.name}] ${event.message}`);
      if (event.kind === "run") this.log.info(`[${run.run.name}] ${event.status}`);
    }
  }

  private async tellFault(run: FollowedRun, message: string, remedy: string): Promise<void> {
    this.log.error(`[${run.run.name}] ${message} ${remedy}`);
    if (existsSync(run.run.recipeFile)) await this.mark(run.run.recipeFile, message);
    const openLog = vscode.l10n.t("Open Log");
    // What failed on a completed run is done again; the run itself has nothing to go on with.
    const isFollowUp = run.shown.followUp !== null;
    const again = isFollowUp ? vscode.l10n.t("Try Again") : vscode.l10n.t("Resume");
    const text = vscode.l10n.t("{0}: {1} {2}", run.run.name, message, remedy);
    const choice = await vscode.window.showErrorMessage(text, openLog, again);
    if (choice === openLog) await vscode.commands.executeCommand("longrecipe.showLog", { kind: "run", run });
    if (choice !== again) return;
    if (isFollowUp) await tryAgain(run);
    else await vscode.commands.executeCommand("longrecipe.resumeRun", { kind: "run", run });
  }
}

async function tellCompleted(run: FollowedRun): Promise<void> {
  if (!notifyWhenDone()) return;
  const report = vscode.l10n.t("Open Report");
  const reveal = vscode.l10n.t("Reveal Checkpoint");
  const live = vscode.l10n.t("Use for Live Scoring");
  const pair = exportedPair(run);
  const buttons = [...(pair === null ? [] : [live]), ...(run.hasReport ? [report] : []), ...(run.hasCheckpoint ? [reveal] : [])];
  const choice = await vscode.window.showInformationMessage(vscode.l10n.t("{0} has completed.", run.run.name), ...buttons);
  if (choice === report) await vscode.commands.executeCommand("longrecipe.openReport", { kind: "run", run });
  if (choice === live && pair !== null) await useScorerModels(pair);
  if (choice === reveal) await vscode.commands.executeCommand("longrecipe.openMergedCheckpoint", { kind: "run", run });
}

/** The pair that the run has exported, unless live scoring uses it already. */
function exportedPair({ paths, snapshot }: FollowedRun): string | null {
  const status = snapshot.stages.find(({ name }) => name === "export")?.status;
  if (status !== "completed" && status !== "cached") return null;
  const pair = join(paths.stage("export"), pairFolder);
  return existsSync(pair) && scorerModelsSetting() !== pair ? pair : null;
}

function level(of: "info" | "warning" | "error"): "info" | "warn" | "error" {
  return of === "warning" ? "warn" : of;
}
