import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { fileDialog, inputBox, press, quickPick, readWindow } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";
import { clear, told } from "./messages.js";

function asks(words: string): Promise<unknown> {
  return eventually(`it is asked: ${words}`, async () => (await readWindow(".quick-input-widget")).includes(words));
}

before(() => activated());

describe("results for other tools", () => {
  it("are written where a person says, and shown", async () => {
    const file = inWorkspace("results.csv");
    const asked = vscode.commands.executeCommand("longrecipe.exportResults", inWorkspace(".longrecipe", "runs", "good-completed").fsPath);
    await quickPick("CSV");
    await fileDialog(file.fsPath);
    await asked;
    const [head = "", ...rows] = (await readFile(file.fsPath, "utf8")).trim().split("\n");
    assert.match(head, /model.*task.*length/);
    assert.equal(rows.length, 4 * 5 * 3 * 4);
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file.fsPath);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});

describe("keys of servers", () => {
  it("are kept under a name, and forgotten", async () => {
    const set = vscode.commands.executeCommand("longrecipe.setServerKey");
    await asks("What is the key called in recipes");
    await inputBox("lab");
    await asks("The key lab.");
    await inputBox("s3cret");
    await set;
    const forgotten = vscode.commands.executeCommand("longrecipe.forgetServerKey");
    await quickPick("lab");
    await forgotten;
    const again = vscode.commands.executeCommand("longrecipe.forgetServerKey");
    await told("No server's key is kept");
    await clear(again);
  });
});

describe("Evaluate Server", () => {
  it("asks for recipe and server, and leaves the recipe alone when it is given up", async () => {
    const recipe = inWorkspace("good.longrecipe.json").fsPath;
    const text = await readFile(recipe, "utf8");
    const asked = vscode.commands.executeCommand("longrecipe.evaluateServer");
    await quickPick("good.longrecipe.json");
    await quickPick("vLLM");
    await eventually("it is asked how", async () => (await readWindow(".quick-input-list")).includes("completions"));
    await press("Escape");
    await asked;
    assert.equal(await readFile(recipe, "utf8"), text);
  });
});
