/**
 * Every command, registered in one way: what it throws is shown, never lost.
 * What a command needs is loaded when it is first called.
 */
import * as vscode from "vscode";
import { showFault } from "../platform/messages.js";
import type { Command, Parts } from "../platform/parts.js";

/** By identifier, without the common "longrecipe.". */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  chooseScores: async () => (await import("./chooseScores.js")).chooseScores,
  checkpointNow: async () => (await import("./checkpointNow.js")).checkpointNow,
  deleteRun: async () => (await import("./deleteRun.js")).deleteRun,
  doctor: async () => (await import("./doctor.js")).doctor,
  evaluateCheckpoint: async () => (await import("./evaluateCheckpoint.js")).evaluateCheckpoint,
  evaluateServer: async () => (await import("./evaluateServer.js")).evaluateServer,
  evaluateRun: async () => (await import("./evaluateRun.js")).evaluateRun,
  exportResults: async () => (await import("./exportResults.js")).exportResults,
  exportSelection: async () => (await import("./exportSelection.js")).exportSelection,
  exportPair: async () => (await import("./exportPair.js")).exportPair,
  extendContext: async () => (await import("./extendContext.js")).extendContext,
  forgetServerKey: async () => (await import("./forgetServerKey.js")).forgetServerKey,
  inspectSamples: async () => (await import("./inspectSamples.js")).inspectSamples,
  nextImpactful: async () => (await import("./impactfulSentence.js")).nextImpactful,
  openDashboard: async () => (await import("./openDashboard.js")).openDashboard,
  openMergedCheckpoint: async () => (await import("./openMergedCheckpoint.js")).openMergedCheckpoint,
  openRecipe: async () => (await import("./openRecipe.js")).openRecipe,
  openRecipeForm: async () => (await import("./openRecipeForm.js")).openRecipeForm,
  openRecipeText: async () => (await import("./openRecipeText.js")).openRecipeText,
  openReport: async () => (await import("./openReport.js")).openReport,
  openWalkthrough: async () => (await import("./openWalkthrough.js")).openWalkthrough,
  pauseRun: async () => (await import("./pauseRun.js")).pauseRun,
  previousImpactful: async () => (await import("./impactfulSentence.js")).previousImpactful,
  refreshRuns: async () => (await import("./refreshRuns.js")).refreshRuns,
  resumeRun: async () => (await import("./resumeRun.js")).resumeRun,
  runRecipe: async () => (await import("./runRecipe.js")).runRecipe,
  openStudy: async () => (await import("./openStudy.js")).openStudy,
  runStudy: async () => (await import("./runStudy.js")).runStudy,
  setServerKey: async () => (await import("./setServerKey.js")).setServerKey,
  setupEnvironment: async () => (await import("./setupEnvironment.js")).setupEnvironment,
  showLog: async () => (await import("./showLog.js")).showLog,
  stopRun: async () => (await import("./stopRun.js")).stopRun,
  toggleHighlight: async () => (await import("./toggleHighlight.js")).toggleHighlight,
  tryExample: async () => (await import("./tryExample.js")).tryExample,
  validateRecipe: async () => (await import("./validateRecipe.js")).validateRecipe,
  whyKept: async () => (await import("./whyKept.js")).whyKept,
};

/** @param called gets the name of every command that is called, so that tests see which ones they have left out */
export function registerCommands(parts: Parts, called: Set<string>): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, load]) =>
      vscode.commands.registerCommand(`longrecipe.${id}`, async (argument: unknown) => {
        called.add(`longrecipe.${id}`);
        try {
          await (
            await load()
          )(parts, argument);
        } catch (error) {
          await showFault(error, parts.log);
        }
      }),
    ),
  );
}
