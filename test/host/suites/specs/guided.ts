import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { clickInWindow, inputBox, press, quickPick, readWindow, screenshot, type } from "../../support/driverClient.js";
import { eventually, inWorkspace } from "./extension.js";

const TITLE = ".quick-input-widget .quick-input-titlebar";

/** Waits for the question with this number. */
async function question(step: number): Promise<void> {
  await eventually(`question ${String(step)}`, async () => (await readWindow(TITLE)).includes(`(${String(step)}/4)`));
}

describe("Extend Context, guided", () => {
  it("asks for model, corpus, length and device, with a way back, and writes the recipe", async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await press("F1");
    await type("LongRecipe: Extend Context");
    await press("Enter");
    await question(1);
    await screenshot("guided-1-model");
    await quickPick("model");
    await question(2);
    await screenshot("guided-2-corpus");
    await clickInWindow(".quick-input-widget .codicon-quick-input-back");
    await question(1);
    await quickPick("model");
    await question(2);
    await quickPick("corpus");
    await question(3);
    await screenshot("guided-3-length");
    await quickPick("Another length…");
    await eventually("the length is asked for", async () => (await readWindow(".quick-input-widget")).includes("Target length in tokens"));
    await inputBox("1k");
    await question(4);
    await eventually("the hardware is shown", async () => /memory/.test(await readWindow(".quick-input-list")), 60_000);
    await screenshot("guided-4-device");
    await quickPick("Only write the recipe");
    const file = inWorkspace("model-1k.longrecipe.json");
    await eventually("the recipe is open", () => vscode.window.activeTextEditor?.document.uri.fsPath === file.fsPath);
    assert.deepEqual(JSON.parse(await readFile(file.fsPath, "utf8")), {
      model: "./model",
      targetLength: 1024,
      corpus: { include: ["corpus"] },
    });
    assert.deepEqual(vscode.languages.getDiagnostics(file), []);
  }).timeout(120_000);

  it("offers the model that was used last first", async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    const flow = vscode.commands.executeCommand("longrecipe.extendContext");
    await question(1);
    assert.match(await readWindow(".quick-input-list"), /used lately/);
    await press("Escape");
    await flow;
  });
});
