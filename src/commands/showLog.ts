/** Shows the extension's log or, called on a run, what its runner printed. */
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { FollowedRun } from "../views/followedRun.js";

export const showLog: Command = async (parts, argument) => {
  const run = typeof argument === "object" && argument !== null && "run" in argument ? argument.run : null;
  if (run instanceof FollowedRun && existsSync(run.paths.log)) {
    await vscode.window.showTextDocument(vscode.Uri.file(run.paths.log), { preview: true });
  } else {
    parts.log.show();
  }
};
