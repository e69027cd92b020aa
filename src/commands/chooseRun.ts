/** Which run a command is about: the one it was called on, the only one that fits, or one picked from a list. */
import * as vscode from "vscode";
import { FollowedRun } from "../views/followedRun.js";
import type { Parts } from "../platform/parts.js";
import { runDescription, runIcon } from "../views/runStatus.js";

export interface RunChoice {
  readonly placeholder: string;
  /** Said when no run fits. */
  readonly none: string;
  fits(run: FollowedRun): boolean;
}

/** @returns the run, or null when there is none or nothing was picked. */
export async function chooseRun(parts: Parts, argument: unknown, choice: RunChoice): Promise<FollowedRun | null> {
  const given = runOf(parts, argument);
  if (given !== null) return given;
  const runs = parts.store.all().filter((run) => choice.fits(run));
  const [first] = runs;
  if (first === undefined) {
    await vscode.window.showInformationMessage(choice.none);
    return null;
  }
  if (runs.length === 1) return first;
  const items = runs.map((run) => ({
    label: run.run.name,
    description: runDescription(run),
    detail: run.directory,
    iconPath: runIcon(run.status),
    run,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: choice.placeholder, matchOnDetail: true });
  return picked?.run ?? null;
}

/** The run in the argument of a tree's, a code lens's or a webview's command: a node, or a run directory. */
function runOf(parts: Parts, argument: unknown): FollowedRun | null {
  if (typeof argument === "string") return parts.store.get(argument) ?? null;
  if (typeof argument !== "object" || argument === null || !("run" in argument)) return null;
  return argument.run instanceof FollowedRun ? argument.run : null;
}
