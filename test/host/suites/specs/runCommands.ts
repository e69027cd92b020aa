import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { ExtensionApi } from "../../../../src/extension.js";
import type { FollowedRun } from "../../../../src/views/followedRun.js";
import { RunPlayer } from "../../../support/fixtureRun.js";
import { readWebview, readWindow } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";

let api: ExtensionApi;

function run(name: string): FollowedRun {
  const found = api.store.get(inWorkspace(".longrecipe", "runs", `good-${name}`).fsPath);
  assert.ok(found, `no run ${name}`);
  return found;
}

/** The notifications, once one of them holds this. Read in their list: of several within a second not every one pops up. */
function told(words: string, timeoutMs?: number): Promise<string> {
  const listed = async (): Promise<string | false> => {
    await vscode.commands.executeCommand("notifications.showList");
    const shown = await readWindow(".notifications-center");
    return shown.includes(words) && shown;
  };
  return eventually(`it is told: ${words}`, listed, timeoutMs);
}

async function clear(asked?: Thenable<unknown>): Promise<void> {
  await vscode.commands.executeCommand("notifications.clearAll");
  await asked;
}

before(async () => {
  api = await activated();
});

describe("commands on a run that is over", () => {
  it("open its report", async () => {
    await vscode.commands.executeCommand("longrecipe.openReport", run("completed").directory);
    await eventually("the report shows", async () =>
      (await readWebview('body:has(h1:has-text("Fixture report"))')).includes("Needle accuracy by length."),
    );
    const asked = vscode.commands.executeCommand("longrecipe.openReport", run("paused").directory);
    await told("has no report yet");
    await clear(asked);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("show where its merged checkpoint is", async () => {
    const completed = run("completed");
    const asked = vscode.commands.executeCommand("longrecipe.openMergedCheckpoint", completed.directory);
    assert.ok((await told("Merged checkpoint")).includes(completed.paths.merged));
    await clear(asked);
    const without = vscode.commands.executeCommand("longrecipe.openMergedCheckpoint", run("paused").directory);
    await told("has no merged checkpoint yet");
    await clear(without);
  });

  it("open its recipe, or the copy that it keeps when that is gone", async () => {
    const completed = run("completed");
    const shown = (): string | undefined => vscode.window.activeTextEditor?.document.uri.fsPath;
    await vscode.commands.executeCommand("longrecipe.openRecipe", completed.directory);
    assert.equal(shown(), completed.run.recipeFile);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await rename(completed.run.recipeFile, `${completed.run.recipeFile}.away`);
    try {
      await vscode.commands.executeCommand("longrecipe.openRecipe", completed.directory);
      assert.equal(shown(), completed.paths.recipe);
    } finally {
      await rename(`${completed.run.recipeFile}.away`, completed.run.recipeFile);
    }
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("show what its runner printed", async () => {
    const completed = run("completed");
    await writeFile(completed.paths.log, "a line of the runner\n");
    await vscode.commands.executeCommand("longrecipe.showLog", { run: completed });
    assert.equal(vscode.window.activeTextEditor?.document.getText(), "a line of the runner\n");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("say that requests to it come too late", async () => {
    const paused = run("paused");
    const asked = vscode.commands.executeCommand("longrecipe.checkpointNow", paused.directory);
    await told("is not running");
    await clear(asked);
    assert.equal(existsSync(`${paused.paths.control}/checkpoint`), false);
  });
});

describe("commands on a run that goes on", () => {
  let player: RunPlayer;
  before(async () => {
    const directory = inWorkspace(".longrecipe", "runs", "good-live").fsPath;
    player = await RunPlayer.start(directory, inWorkspace("good.longrecipe.json").fsPath, { end: "completed" });
    await player.play(0, (payload) => payload.kind === "stage" && payload.status === "started");
    await vscode.commands.executeCommand("longrecipe.refreshRuns");
    await eventually("it is there", () => run("live").isActive);
  });
  after(() => player.end());

  it("leave their requests in its folder; without an argument they mean the only one that runs", async () => {
    const control = run("live").paths.control;
    await vscode.commands.executeCommand("longrecipe.checkpointNow");
    assert.ok(existsSync(`${control}/checkpoint`));
    assert.equal(existsSync(`${control}/pause`), false);
    await vscode.commands.executeCommand("longrecipe.pauseRun");
    assert.ok(existsSync(`${control}/pause`));
  });
});

describe("a recipe as form and as text", () => {
  it("goes from the form to the JSON beside it", async () => {
    const recipe = inWorkspace("good.longrecipe.json");
    await vscode.commands.executeCommand("longrecipe.openRecipeForm", recipe);
    await eventually("the form shows", async () => (await readWebview("h1")) === "good.longrecipe.json");
    await vscode.commands.executeCommand("longrecipe.openRecipeText");
    await eventually("the text shows", () => vscode.window.activeTextEditor?.document.uri.fsPath === recipe.fsPath);
    assert.equal(vscode.window.tabGroups.all.length, 2);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});
