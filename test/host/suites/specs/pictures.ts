/** The pictures of the walkthrough, taken where everything in them is real; `npm run pictures` puts them into media/. */
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import { press, quickPick, readWebview, readWindow, screenshot, setTheme } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";

describe("pictures of the walkthrough", () => {
  before(async () => {
    await activated();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await vscode.commands.executeCommand("workbench.action.closeSidebar");
    await setTheme("dark");
  });
  after(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("the guided flow, with what the machine has and what the run would need", async () => {
    const flow = vscode.commands.executeCommand("longrecipe.extendContext", inWorkspace("embedded"));
    await quickPick("embedded");
    await quickPick("corpus");
    await quickPick("2k tokens");
    await eventually("the estimate shows", async () => (await readWindow(".quick-input-list")).includes("estimate: "), 60_000);
    await screenshot("walkthrough-extend", ".quick-input-widget");
    await press("Escape");
    await flow;
  }).timeout(90_000);

  it("a dashboard", async () => {
    await vscode.commands.executeCommand("longrecipe.openDashboard", inWorkspace(".longrecipe", "runs", "good-completed").fsPath);
    await eventually("it shows the run", async () => (await readWebview("body")).includes("Open Report"));
    await screenshot("walkthrough-watch", ".editor-group-container");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("the recipe form", async () => {
    await vscode.commands.executeCommand("longrecipe.openRecipeForm", inWorkspace("embedded.longrecipe.json"));
    await eventually("the estimate shows", async () => (await readWebview(".estimate")).includes("Memory to train"));
    await screenshot("walkthrough-form", ".editor-group-container");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("the evaluation", async () => {
    await vscode.commands.executeCommand("longrecipe.evaluation.focus");
    await eventually("the scores show", async () => (await readWebview(".benchmark")).includes("Needles found"));
    for (const view of ["runs", "highlight"]) await collapse(view);
    await screenshot("walkthrough-evaluate", ".sidebar");
  });
});

/** Folds a view up, so that the others have room. */
async function collapse(view: string): Promise<void> {
  await vscode.commands.executeCommand(`longrecipe.${view}.focus`);
  await vscode.commands.executeCommand("list.collapseAll");
  await vscode.commands.executeCommand(`longrecipe.${view}.toggleVisibility`);
}
