import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir, rename, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import { removeRun } from "../../../../src/commands/deleteRun.js";
import type { ExtensionApi } from "../../../../src/extension.js";
import type { FollowedRun } from "../../../../src/views/followedRun.js";
import { RunPlayer, writeFixtureRun } from "../../../support/fixtureRun.js";
import { press, quickPick, readWebview, readWindow, screenshot } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";
import { clear, told } from "./messages.js";

let api: ExtensionApi;

function run(name: string): FollowedRun {
  const found = api.store.get(inWorkspace(".longrecipe", "runs", `good-${name}`).fsPath);
  assert.ok(found, `no run ${name}`);
  return found;
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

  it("ask which run is meant where several fit", async () => {
    const asked = vscode.commands.executeCommand("longrecipe.openDashboard");
    const list = await eventually("the runs are listed", async () => {
      const shown = await readWindow(".quick-input-list");
      return shown.includes("good") && shown;
    });
    assert.match(list, /completed/);
    assert.match(list, /paused/);
    await press("Escape");
    await asked;
    assert.equal(vscode.window.tabGroups.activeTabGroup.activeTab, undefined);
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

  it("neither delete nor evaluate nor resume it", async () => {
    const live = run("live");
    for (const [command, words] of [
      ["deleteRun", "Stop it first"],
      ["evaluateRun", "its last stage evaluates it"],
      ["resumeRun", "is running already"],
    ] as const) {
      const asked = vscode.commands.executeCommand(`longrecipe.${command}`, live.directory);
      await told(words);
      await clear(asked);
    }
    assert.ok(existsSync(live.paths.run));
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

describe("Export for Editor Scoring", () => {
  it("says of a run without its models what is missing, and writes none", async () => {
    // A model that can be read, so that what is missing is the run's own.
    const folder = inWorkspace("own").fsPath;
    await mkdir(folder);
    await cp(inWorkspace("embedded").fsPath, `${folder}/model`, { recursive: true });
    await cp(inWorkspace("corpus").fsPath, `${folder}/corpus`, { recursive: true });
    await cp(inWorkspace("good.longrecipe.json").fsPath, `${folder}/own.longrecipe.json`);
    const directory = inWorkspace(".longrecipe", "runs", "good-own").fsPath;
    await writeFixtureRun(directory, `${folder}/own.longrecipe.json`, { end: "completed" });
    await vscode.commands.executeCommand("longrecipe.refreshRuns");
    await eventually("it is there", () => run("own").status === "completed");
    const asked = vscode.commands.executeCommand("longrecipe.exportPair", directory);
    await quickPick("int8");
    await asked;
    await eventually("it is refused", () => run("own").snapshot.error?.code === "stage-not-done", 90_000);
    assert.equal(run("own").status, "completed", "what the run had completed is still there");
    const text = await told("has no finished stage `prepare` for this recipe");
    assert.match(text, /Finish the run first/);
    await screenshot("export-refused");
    assert.equal(existsSync(`${run("own").paths.stage("export")}/pair`), false);
    await clear();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  }).timeout(150_000);
});

describe("Delete Run", () => {
  it("asks first and, as long as nobody says yes, leaves the run", async () => {
    const { directory } = run("paused");
    const asked = vscode.commands.executeCommand("longrecipe.deleteRun", directory);
    // A window with tests opens no dialog; it says which one it would have opened.
    await told("refused to show dialog in tests. Contents: Delete the run good?");
    await clear(asked);
    assert.equal(run("paused").status, "paused");
    assert.ok(existsSync(directory));
  });

  it("takes the folder of the run away, and leaves the others", async () => {
    const { directory } = run("paused");
    await removeRun(api.store, run("paused"));
    assert.equal(existsSync(directory), false);
    assert.equal(api.store.get(directory), undefined);
    assert.ok(existsSync(run("completed").directory));
  });
});
