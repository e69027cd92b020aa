import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { ExtensionApi } from "../../../../src/extension.js";
import { EventLog } from "../../../../src/runner/eventLog.js";
import { runPaths } from "../../../../src/runner/runDirectory.js";
import type { FollowedRun } from "../../../../src/views/followedRun.js";
import { RunPlayer } from "../../../support/fixtureRun.js";
import { clickInWebview, clickInWindow, readWebview, readWindow, reloadWindow, screenshot } from "../../support/driverClient.js";
import { windowNumber } from "../../support/mochaRunner.js";
import { activated, eventually, inWorkspace } from "./extension.js";
import { answer, clear, told } from "./messages.js";
import { inEveryTheme } from "./pictureThemes.js";

let api: ExtensionApi;
/** The side bar holds webviews too: the dashboard's page is the one with the stages. */
const dashboard = "body:has(.stage-panel)";

/** The run in this folder of .longrecipe/runs. */
function run(name: string): FollowedRun | undefined {
  return api.store.get(inWorkspace(".longrecipe", "runs", `good-${name}`).fsPath);
}

function treeText(): Promise<string> {
  return readWindow('.pane-body [aria-label*="Runs"], .tree-explorer-viewlet-tree-view');
}

/** What pops up, once there was time for it. */
async function toasts(): Promise<string> {
  await sleep(1000);
  return readWindow(".monaco-workbench").then((text) => /Source: LongRecipe.*/s.exec(text)?.[0] ?? "");
}

before(async () => {
  api = await activated();
});

if (windowNumber === 1) {
  describe("runs that were there before", () => {
    it("are shown with their state, the stages under each", async () => {
      await vscode.commands.executeCommand("workbench.view.extension.longrecipe");
      assert.deepEqual(
        api.store
          .all()
          .map(({ status }) => status)
          .sort(),
        ["completed", "interrupted", "paused"],
      );
      const text = await eventually("the tree shows them", async () => {
        const shown = await treeText();
        return ["completed", "interrupted", "paused"].every((word) => shown.includes(word)) && shown;
      });
      assert.ok(!text.includes("Try the Embedded Example"), "the welcome view still shows");
      await clickInWindow('.monaco-list-row:has-text("interrupted") .monaco-tl-twistie');
      await eventually("its stages show", async () =>
        /Extend\s*60 %, 72 of 120 steps, unfinished/.test((await treeText()).replace(/\u00a0/g, " ")),
      );
      await screenshot("runs-tree");
    });

    it("are not news: nothing pops up for a run that died before this window", async () => {
      assert.equal(api.statusBar.text?.includes("interrupted"), true);
      assert.equal(await toasts(), "");
    });

    it("open their dashboards, results and all", async () => {
      await vscode.commands.executeCommand("longrecipe.openDashboard", run("completed")?.directory);
      await eventually("the dashboard shows the run", async () => (await readWebview(dashboard)).includes("Open Report"));
      await inEveryTheme("dashboard-completed", dashboard, "Open Report");
      await clickInWebview('.heatmaps .cell[aria-label^="length 2048, depth 50 %"] >> nth=0');
      const prompt = await eventually("the exact prompt opens", () =>
        vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme === "longrecipe-prompt"),
      );
      const text = prompt.document.getText();
      const needle = "The access code of Rome is 4821.";
      await eventually("its needle is shown", () => prompt.document.offsetAt(prompt.selection.active) === text.indexOf(needle));
      assert.match(text, /^Rain fell on 2048 roofs/);
      assert.ok(text.endsWith("The access code of Rome is"));
      await screenshot("prompt");
      await clickInWebview('[aria-label="Run"] >> text=Open Report');
      await eventually("the report shows", async () =>
        (await readWebview('body:has(h1:has-text("Fixture report"))')).includes("Needle accuracy by length."),
      );
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    });
  });

  describe("the sample inspector", () => {
    it("opens on a run and shows a sample with its text", async () => {
      await vscode.commands.executeCommand("longrecipe.inspectSamples", run("completed")?.directory);
      const text = await eventually("the sample shows", async () => {
        const shown = await readWebview("body:has(.ruler)");
        return shown.includes("24 tokens in 2 segments") && shown;
      });
      assert.match(text, /The lighthouse burned in 1871/);
      assert.match(text, /Nobody <b>saw/);
      assert.match(text, /of 8/);
      await clickInWebview("text=Next");
      await eventually("the next one shows", async () => (await readWebview(".segment-head >> nth=1")).includes("skip 340"));
      await inEveryTheme("samples", "body:has(.ruler)", "skip 340");
    });
  });

  describe("a run that goes on", () => {
    let player: RunPlayer;
    const directory = inWorkspace(".longrecipe", "runs", "good-live").fsPath;

    before(async () => {
      const recipe = inWorkspace("good.longrecipe.json").fsPath;
      player = await RunPlayer.start(directory, recipe, { end: "completed", steps: 400 });
      await player.play(0, (payload) => payload.kind === "stage" && payload.status === "started");
      await vscode.commands.executeCommand("longrecipe.refreshRuns");
    });
    after(() => player.end());

    it("is told by status bar and dashboard while it happens", async () => {
      await player.play(0, (payload) => payload.kind === "metric" && payload.step === 150);
      await eventually("the status bar says how far it is", () => api.statusBar.text?.includes("Extend 38 %"));
      await clickInWindow('.statusbar-item:has-text("Extend 38 %")');
      const before = await eventually("the dashboard shows the stage", async () => {
        const text = await readWebview(dashboard);
        return text.includes("150 of 400 steps") && text;
      });
      const playing = player.play(10, (payload) => payload.kind === "metric" && payload.step === 300);
      await eventually("the page changes by itself", async () => (await readWebview(dashboard)) !== before);
      await playing;
      await eventually("the page shows the new step", async () => (await readWebview(dashboard)).includes("300 of 400 steps"));
    });

    it("can be looked at in every theme", async () => {
      await inEveryTheme("dashboard", dashboard, "300 of 400 steps");
    });

    it("says of a line of its history that is none, and shows the rest", async () => {
      await appendFile(runPaths(directory).events, "{ this is no event\n");
      const text = await eventually("it is said in the page", async () => {
        const shown = await readWebview(dashboard);
        return shown.includes("lines of this run's events.jsonl cannot be read") && shown;
      });
      assert.match(text, /1 lines? of this run's/);
      assert.match(text, /300 of 400 steps/);
    });

    it("gets the requests of the dashboard's buttons", async () => {
      await clickInWebview('[aria-label="Run"] >> text=Pause');
      await eventually("the request lies in its folder", () =>
        existsSync(inWorkspace(".longrecipe", "runs", "good-live", "control", "pause").fsPath),
      );
    });

    it("tells a fault once, with what to do", async () => {
      const failing = inWorkspace(".longrecipe", "runs", "good-failing").fsPath;
      const other = await RunPlayer.start(failing, inWorkspace("good.longrecipe.json").fsPath, { end: "failed" });
      await other.play(0);
      await vscode.commands.executeCommand("longrecipe.refreshRuns");
      const text = await eventually("the notification shows", async () => {
        const shown = await readWindow(".notifications-toasts");
        return shown.includes("not a finite number") && shown;
      });
      assert.match(text, /Lower training\.learningRate/);
      assert.match(text, /Open Log/);
      assert.match(text, /Resume/);
      await screenshot("fault-notification");
      await other.end();
      await vscode.commands.executeCommand("notifications.clearAll");
    });

    it("asks what to try again where an old history of a completed run does not say it", async () => {
      const older = inWorkspace(".longrecipe", "runs", "good-older").fsPath;
      const player = await RunPlayer.start(older, inWorkspace("good.longrecipe.json").fsPath, { end: "completed" });
      await player.play(0);
      const log = EventLog.open(runPaths(older).events);
      log.append({ kind: "run", status: "resumed", pid: 1 }, null);
      log.append({ kind: "error", code: "x", message: "There is no Python for this.", remedy: "Name one." }, null);
      log.append({ kind: "run", status: "failed", exitCode: 3 }, null);
      log.close();
      await player.end();
      await vscode.commands.executeCommand("longrecipe.refreshRuns");
      await told("There is no Python for this");
      await answer("Try Again");
      const asked = await told("its history does not say");
      assert.match(asked, /Evaluate Again/);
      assert.match(asked, /Export for Editor Scoring/);
      await screenshot("try-again-unknown");
      await clear();
      assert.equal(run("older")?.status, "completed");
    });

    it("comes back after the window is reloaded", async () => {
      await reloadWindow();
    });
  });
} else {
  describe("after a reload", () => {
    it("every run is there again, as far as it had come", async () => {
      assert.deepEqual(
        ["completed", "paused", "running", "live", "failing"].map((name) => run(name)?.status),
        // The player was part of the window that went: its run has no runner any more.
        ["completed", "paused", "interrupted", "interrupted", "failed"],
      );
      assert.equal(run("live")?.series.all()[0]?.step.at(-1), 300);
      await eventually("the tree shows them all", async () => {
        const text = await treeText();
        return ["completed", "paused", "interrupted", "failed"].every((word) => text.includes(word));
      });
      assert.notEqual(api.statusBar.text, null);
      await screenshot("runs-after-reload");
    });

    it("the dashboard is open again, with everything it showed", async () => {
      await eventually("the page shows the run", async () => (await readWebview(dashboard)).includes("300 of 400 steps"));
      const text = await readWebview(dashboard);
      assert.match(text, /Resume/);
      assert.match(text, /runner of this run is gone/);
      await screenshot("dashboard-after-reload");
    });

    it("so is the sample inspector, at the sample it showed", async () => {
      await vscode.commands.executeCommand("workbench.action.openEditorAtIndex1");
      await eventually("the sample shows", async () => (await readWebview(".segment-head >> nth=1")).includes("skip 340"));
      await screenshot("samples-after-reload");
    });

    it("a fault that was told is not told again", async () => {
      assert.equal(await toasts(), "");
    });

    it("a run goes away with its folder", async () => {
      await vscode.workspace.fs.delete(inWorkspace(".longrecipe", "runs", "good-paused"), { recursive: true });
      await eventually("it is gone", () => run("paused") === undefined);
      await eventually("the tree forgets it", async () => !(await treeText()).includes("paused"));
    });
  });
}
