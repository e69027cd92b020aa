/** What was begun on a completed run and not brought to its end: its words, and the command that tries it again. */
import * as vscode from "vscode";
import type { FollowUp } from "../protocol/runSessions.js";
import type { FollowedRun } from "./followedRun.js";

/** "evaluation failed"; null where nothing is to be told. */
export function followUpText(followUp: FollowUp | null): string | null {
  if (followUp === null || followUp.status === "running") return null;
  const what = noun(followUp);
  switch (followUp.status) {
    case "failed":
      return vscode.l10n.t("{0} failed", what);
    case "stopped":
      return vscode.l10n.t("{0} stopped", what);
    case "interrupted":
      return vscode.l10n.t("{0} interrupted", what);
  }
}

/** Command that does again what was not brought to its end. */
export function retryCommand({ shown: { followUp } }: FollowedRun): string {
  switch (followUp?.stage) {
    case "evaluate":
      return "longrecipe.evaluateRun";
    case "export":
      return "longrecipe.exportPair";
    default:
      return "longrecipe.resumeRun";
  }
}

function noun({ stage }: FollowUp): string {
  if (stage === "evaluate") return vscode.l10n.t("evaluation");
  return stage === "export" ? vscode.l10n.t("export") : vscode.l10n.t("last action");
}
