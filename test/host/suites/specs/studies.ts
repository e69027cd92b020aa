import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { readWebview, screenshot } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";
import { clear, told } from "./messages.js";

const study = inWorkspace("sweep.longstudy.json");

before(async () => {
  await activated();
  const content = { recipe: "lost.longrecipe.json", matrix: { "selection.topFraction": [0.1, 0.2] }, seeds: [1] };
  await writeFile(study.fsPath, JSON.stringify(content, null, 2));
});

describe("a study", () => {
  it("has no report before its first run is done, which is said", async () => {
    const asked = vscode.commands.executeCommand("longrecipe.openStudy", study);
    await told("no report yet");
    await clear(asked);
  });

  it("tells what is wrong with its runs before anything starts", async () => {
    const wrong = inWorkspace("wrong.longstudy.json");
    await writeFile(wrong.fsPath, JSON.stringify({ recipe: "lost.longrecipe.json", matrix: { "selection.topFraction": [7] } }));
    const asked = vscode.commands.executeCommand("longrecipe.runStudy", wrong);
    await told("topFraction");
    await clear(asked);
    assert.equal(existsSync(inWorkspace(".longrecipe", "studies", "wrong").fsPath), false);
  });

  it("is run by a process of its own; why that was refused is shown", async () => {
    await vscode.window.showTextDocument(study);
    await vscode.commands.executeCommand("longrecipe.runStudy");
    const text = await told("has ended before all its runs were done", 90_000);
    assert.match(text, /The study sweep/);
    await screenshot("study-refused");
    const log = await readFile(inWorkspace(".longrecipe", "studies", "sweep", "runner.log").fsPath, "utf8");
    assert.match(log, /modle/);
    await clear();
  }).timeout(120_000);

  it("opens its report once there is one", async () => {
    const directory = inWorkspace(".longrecipe", "studies", "sweep").fsPath;
    await mkdir(directory, { recursive: true });
    await writeFile(`${directory}/study.md`, "# Sweep of the share\n\nA tenth is enough.\n");
    await vscode.commands.executeCommand("longrecipe.openStudy", study);
    await eventually("the report shows", async () =>
      (await readWebview('body:has(h1:has-text("Sweep of the share"))')).includes("A tenth is enough."),
    );
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});
