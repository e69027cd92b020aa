/** Every command, registered in one way: what it throws is shown, never lost. */
import * as vscode from "vscode";
import { showFault } from "../platform/messages.js";
import type { Command, Parts } from "../platform/parts.js";
import { checkpointNow } from "./checkpointNow.js";
import { deleteRun } from "./deleteRun.js";
import { doctor } from "./doctor.js";
import { evaluateRun } from "./evaluateRun.js";
import { extendContext } from "./extendContext.js";
import { openDashboard } from "./openDashboard.js";
import { openMergedCheckpoint } from "./openMergedCheckpoint.js";
import { openRecipe } from "./openRecipe.js";
import { openReport } from "./openReport.js";
import { openWalkthrough } from "./openWalkthrough.js";
import { pauseRun } from "./pauseRun.js";
import { refreshRuns } from "./refreshRuns.js";
import { resumeRun } from "./resumeRun.js";
import { runRecipe } from "./runRecipe.js";
import { setupEnvironment } from "./setupEnvironment.js";
import { showLog } from "./showLog.js";
import { stopRun } from "./stopRun.js";
import { tryExample } from "./tryExample.js";
import { validateRecipe } from "./validateRecipe.js";

const commands: readonly Command[] = [
  checkpointNow,
  deleteRun,
  doctor,
  evaluateRun,
  extendContext,
  openDashboard,
  openMergedCheckpoint,
  openRecipe,
  openReport,
  openWalkthrough,
  pauseRun,
  refreshRuns,
  resumeRun,
  runRecipe,
  setupEnvironment,
  showLog,
  stopRun,
  tryExample,
  validateRecipe,
];

export function registerCommands(parts: Parts): vscode.Disposable {
  return vscode.Disposable.from(
    ...commands.map((command) =>
      vscode.commands.registerCommand(command.id, async (argument: unknown) => {
        try {
          await command.run(parts, argument);
        } catch (error) {
          await showFault(error, parts.log);
        }
      }),
    ),
  );
}
