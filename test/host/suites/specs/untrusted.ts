import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { evaluateInWebview, readWebview, readWindow, screenshot } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";

async function isRefused(command: string, argument: unknown): Promise<void> {
  const call = vscode.commands.executeCommand(command, argument);
  await eventually(`${command} is refused`, async () => (await readWindow(".notifications-toasts")).includes("not trusted"));
  await screenshot(`untrusted-${command.replace("longrecipe.", "")}`);
  await vscode.commands.executeCommand("notifications.clearAll");
  await call;
}

describe("a workspace that is not trusted", () => {
  it("shows its runs and says why nothing can be started", async () => {
    const api = await activated();
    assert.equal(vscode.workspace.isTrusted, false);
    assert.deepEqual(
      api.store.all().map(({ status }) => status),
      ["paused"],
    );
  });

  it("still marks faults in recipes, and offers no Run", async () => {
    const document = await vscode.workspace.openTextDocument(inWorkspace("bad.longrecipe.json"));
    await vscode.window.showTextDocument(document);
    await eventually("faults are marked", () =>
      vscode.languages.getDiagnostics(document.uri).some(({ source }) => source === "LongRecipe"),
    );
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri, 10);
    assert.deepEqual(
      lenses.map(({ command }) => command?.title),
      ["Validate"],
    );
  });

  it("starts nothing, whoever asks for it", async () => {
    await isRefused("longrecipe.extendContext", inWorkspace("good.longrecipe.json"));
    await isRefused("longrecipe.resumeRun", inWorkspace(".longrecipe", "runs", "good-paused").fsPath);
    await isRefused("longrecipe.setupEnvironment", undefined);
    assert.deepEqual(readdirSync(inWorkspace(".longrecipe", "runs").fsPath), ["good-paused"]);
    assert.equal(existsSync(inWorkspace(".longrecipe", "runs", "good-paused", "runner.log").fsPath), false);
  });

  it("shows a recipe as a form, whose Run is disabled", async () => {
    await vscode.commands.executeCommand("longrecipe.openRecipeForm", inWorkspace("good.longrecipe.json"));
    await eventually("the form shows", async () => (await readWebview("#f-targetLength-help")).includes("context window"));
    assert.equal(await evaluateInWebview("document.querySelector('.buttons vscode-button').disabled", ".buttons"), true);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("does not take the interpreter from the workspace's own settings", async () => {
    const configuration = vscode.workspace.getConfiguration("longrecipe");
    await configuration.update("worker.python", "/workspace/evil/python", vscode.ConfigurationTarget.Workspace);
    assert.equal(vscode.workspace.getConfiguration("longrecipe").get("worker.python"), "");
  });
});
