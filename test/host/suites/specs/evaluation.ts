import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { clickInWebview, readWebview } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";
import { clear, told } from "./messages.js";
import { inEveryTheme } from "./pictureThemes.js";

describe("the evaluation view", () => {
  it("shows the scores of the workspace's runs, with their history", async () => {
    await activated();
    await vscode.commands.executeCommand("workbench.view.extension.longrecipe");
    await vscode.commands.executeCommand("longrecipe.evaluation.focus");
    await eventually("the scores show", async () => (await readWebview(".benchmark")).includes("Needles found"));
    assert.match(await readWebview(".abilities"), /General ability/);
    assert.match(await readWebview(".history"), /good/);
    await inEveryTheme("evaluation", "body:has(.benchmark)", "Needles found");
  });

  it("opens the heat map of the run that is chosen", async () => {
    await clickInWebview("vscode-button >> text=Heat Map");
    await eventually("the dashboard shows", async () => (await readWebview(".stage-panel, .stages")).includes("Evaluate"));
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("says which results cannot be read, and shows the rest", async () => {
    const file = inWorkspace(".longrecipe", "runs", "good-paused", "results.json").fsPath;
    await writeFile(`${file}.new`, "{ this is not JSON");
    await rename(`${file}.new`, file);
    await vscode.commands.executeCommand("longrecipe.refreshRuns");
    await vscode.commands.executeCommand("longrecipe.evaluation.focus");
    await eventually("it is told", async () => (await readWebview("main")).includes("cannot be read"));
    assert.match(await readWebview(".benchmark"), /Needles found/);
  });

  it("refuses to evaluate what is no model, with the reason", async () => {
    const call = vscode.commands.executeCommand("longrecipe.evaluateCheckpoint", inWorkspace("corpus"));
    await told("holds no model");
    await clear(call);
  });
});
