import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { resultsSchema } from "../../../../src/protocol/results.js";
import { quickPick, readWebview, readWindow, screenshot } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";

const PATIENCE_MS = 240_000;

describe("Try the Embedded Example", () => {
  it("copies model, corpus and recipe, and runs it", async () => {
    const { store } = await activated();
    await vscode.commands.executeCommand("longrecipe.tryExample");
    for (const file of ["embedded.longrecipe.json", "model/config.json", "corpus/0001.txt", "heldout"]) {
      assert.ok(existsSync(inWorkspace("longrecipe-example", ...file.split("/")).fsPath), file);
    }
    assert.equal(existsSync(inWorkspace("longrecipe-example", "pretrain").fsPath), false);
    const run = await eventually("a run is there", () => store.all()[0]);
    await eventually("its dashboard shows", async () => (await readWebview("body")).includes("Stages"), 60_000);
    await eventually("its first stage is done", () => run.snapshot.stages[0]?.status === "completed", PATIENCE_MS);
    await screenshot("walkthrough-example");
    await vscode.commands.executeCommand("longrecipe.stopRun", run.directory);
    await eventually("it is stopped", () => !run.isActive, PATIENCE_MS);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  }).timeout(PATIENCE_MS * 2);

  it("leaves what a person changed in it", async () => {
    const recipe = inWorkspace("longrecipe-example", "embedded.longrecipe.json");
    const document = await vscode.workspace.openTextDocument(recipe);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(recipe, new vscode.Range(0, 0, document.lineCount, 0), "{ }");
    await vscode.workspace.applyEdit(edit);
    await document.save();
    const call = vscode.commands.executeCommand("longrecipe.tryExample");
    await eventually("the recipe as it is now is refused", async () =>
      (await readWindow(".notifications-toasts")).includes("Nothing was started"),
    );
    await vscode.commands.executeCommand("notifications.clearAll");
    await call;
    assert.equal(await readFile(recipe.fsPath, "utf8"), "{ }");
  });
});

describe("Evaluate this Checkpoint", () => {
  it("evaluates a model folder by a recipe, and the view shows it", async () => {
    const { store } = await activated();
    const recipe = {
      model: "./longrecipe-example/model",
      targetLength: 512,
      corpus: { include: ["longrecipe-example/heldout"] },
      evaluation: { needle: { lengths: [128], depths: [0.5], trials: 2 }, perplexity: { documents: 2 } },
    };
    await writeFile(inWorkspace("quick.longrecipe.json").fsPath, JSON.stringify(recipe, null, 2));
    const call = vscode.commands.executeCommand("longrecipe.evaluateCheckpoint", inWorkspace("longrecipe-example", "model"));
    await quickPick("quick.longrecipe.json");
    await call;
    const run = await eventually("its run is there", () => store.all().find((candidate) => candidate.run.name === "evaluate-model"));
    await eventually("it is done", () => run.status === "completed" || run.status === "failed", PATIENCE_MS);
    assert.equal(run.status, "completed", run.snapshot.error?.message);
    const results = resultsSchema.parse(JSON.parse(await readFile(run.paths.results, "utf8")));
    assert.deepEqual([...new Set(results.rows.map(({ model }) => model))], ["model"]);
    await eventually("the view shows its scores", async () => (await readWebview(".history")).includes("evaluate-model"));
    await screenshot("evaluation-of-a-checkpoint");
  }).timeout(PATIENCE_MS * 2);
});
