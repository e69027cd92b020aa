/** What was begun on a completed run and not brought to its end: its words, and how it is tried again. */
import * as vscode from "vscode";
import type { FollowUp } from "../protocol/runSessions.js";
import type { FollowUpStage } from "../protocol/stages.js";
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

/**
 * Does again what was not brought to its end. Where the history does not say what it was, the person does: resuming the
 * run instead could train anew.
 */
export async function tryAgain(run: FollowedRun): Promise<void> {
  const { followUp } = run.shown;
  const stage = followUp?.stage ?? (await askedStage(run));
  if (stage !== null) await vscode.commands.executeCommand(commands[stage], { kind: "run", run });
}

const commands: Readonly<Record<FollowUpStage, string>> = { evaluate: "longrecipe.evaluateRun", export: "longrecipe.exportPair" };

async function askedStage({ run: { name } }: FollowedRun): Promise<FollowUpStage | null> {
  const evaluate = vscode.l10n.t("Evaluate Again");
  const exportPair = vscode.l10n.t("Export for Editor Scoring");
  const text = vscode.l10n.t("{0} is complete. What was begun on it last, its history does not say: choose what to do again.", name);
  const choice = await vscode.window.showInformationMessage(text, evaluate, exportPair);
  if (choice === evaluate) return "evaluate";
  return choice === exportPair ? "export" : null;
}

function noun({ stage }: FollowUp): string {
  if (stage === "evaluate") return vscode.l10n.t("evaluation");
  return stage === "export" ? vscode.l10n.t("export") : vscode.l10n.t("last action");
}
