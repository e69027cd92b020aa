/** How the states of runs and stages look: words, icons, colours. One place for tree, status bar and messages. */
import * as vscode from "vscode";
import { donePercent } from "../protocol/percent.js";
import type { StageSnapshot, StageStatus } from "../protocol/runSnapshot.js";
import type { StageName } from "../protocol/stages.js";
import type { FollowedRun, ShownStatus } from "./followedRun.js";
import { followUpText } from "./followUps.js";
import { formatDuration } from "./format.js";

/** Icon and, where it says something, colour of a run's state. */
export function runIcon(status: ShownStatus): vscode.ThemeIcon {
  switch (status) {
    case "starting":
    case "running":
      return new vscode.ThemeIcon("sync~spin", new vscode.ThemeColor("charts.blue"));
    case "paused":
      return new vscode.ThemeIcon("debug-pause", new vscode.ThemeColor("charts.yellow"));
    case "stopped":
      return new vscode.ThemeIcon("debug-stop");
    case "interrupted":
      return new vscode.ThemeIcon("debug-disconnect", new vscode.ThemeColor("list.warningForeground"));
    case "failed":
      return new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground"));
    case "completed":
      return new vscode.ThemeIcon("pass-filled", new vscode.ThemeColor("charts.green"));
  }
}

/** The state of a run in words. */
export function runStatusText(status: ShownStatus): string {
  switch (status) {
    case "starting":
      return vscode.l10n.t("starting");
    case "running":
      return vscode.l10n.t("running");
    case "paused":
      return vscode.l10n.t("paused");
    case "stopped":
      return vscode.l10n.t("stopped");
    case "interrupted":
      return vscode.l10n.t("interrupted");
    case "failed":
      return vscode.l10n.t("failed");
    case "completed":
      return vscode.l10n.t("completed");
  }
}

export function stageIcon(status: StageStatus, isActive: boolean): vscode.ThemeIcon {
  switch (status) {
    case "waiting":
      return new vscode.ThemeIcon("circle-outline");
    case "running":
      return isActive
        ? new vscode.ThemeIcon("loading~spin", new vscode.ThemeColor("charts.blue"))
        : new vscode.ThemeIcon("circle-large-outline");
    case "cached":
      return new vscode.ThemeIcon("history", new vscode.ThemeColor("charts.green"));
    case "skipped":
      return new vscode.ThemeIcon("debug-step-over");
    case "completed":
      return new vscode.ThemeIcon("pass", new vscode.ThemeColor("charts.green"));
    case "failed":
      return new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground"));
  }
}

/** What people call a stage. */
export function stageTitle(stage: StageName): string {
  switch (stage) {
    case "prepare":
      return vscode.l10n.t("Prepare");
    case "significance":
      return vscode.l10n.t("Significance");
    case "select":
      return vscode.l10n.t("Select");
    case "samples":
      return vscode.l10n.t("Samples");
    case "extend":
      return vscode.l10n.t("Extend");
    case "replay":
      return vscode.l10n.t("Replay");
    case "merge":
      return vscode.l10n.t("Merge");
    case "evaluate":
      return vscode.l10n.t("Evaluate");
    case "export":
      return vscode.l10n.t("Export");
  }
}

/** "43 %, 120 of 280 steps", "12 s", "cached": what stands behind a stage's name. */
export function stageDescription(stage: StageSnapshot, isActive: boolean): string {
  switch (stage.status) {
    case "waiting":
      return "";
    case "running":
      return runningText(stage, isActive);
    case "cached":
      return vscode.l10n.t("cached");
    case "skipped":
      return vscode.l10n.t("skipped");
    case "completed":
    case "failed":
      return stage.seconds === null ? "" : formatDuration(stage.seconds);
  }
}

function runningText(stage: StageSnapshot, isActive: boolean): string {
  const parts = stage.fraction === null ? [] : [donePercent(stage.fraction)];
  const { progress } = stage;
  if (progress !== null) {
    parts.push(vscode.l10n.t("{0} of {1} {2}", progress.done.toLocaleString("en"), progress.total.toLocaleString("en"), progress.unit));
  }
  if (!isActive) parts.push(vscode.l10n.t("unfinished"));
  return parts.join(", ");
}

/** "Extend 43 %" of a run that works, else the state in words. */
export function runDescription(run: FollowedRun): string {
  const { currentStage, stages, followUp } = run.shown;
  if (!run.isActive || currentStage === null) {
    const after = run.isActive ? null : followUpText(followUp);
    return after === null ? runStatusText(run.status) : `${runStatusText(run.status)}, ${after}`;
  }
  const fraction = stages.find((stage) => stage.name === currentStage)?.fraction ?? null;
  return fraction === null ? stageTitle(currentStage) : `${stageTitle(currentStage)} ${donePercent(fraction)}`;
}
