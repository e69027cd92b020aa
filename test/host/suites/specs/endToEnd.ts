import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import * as z from "zod";
import { resultsSchema } from "../../../../src/protocol/results.js";
import type { FollowedRun } from "../../../../src/views/followedRun.js";
import { askOutside, clickInWebview, press, readWebview, readWindow, reloadWindow, screenshot, type } from "../../support/driverClient.js";
import { windowNumber } from "../../support/mochaRunner.js";
import { activated, eventually, extension, inWorkspace } from "./extension.js";

/** Seconds of work; minutes where many others work on the same machine. */
const STAGE_MS = 600_000;

async function theRun(): Promise<FollowedRun> {
  const { store } = await activated();
  const runs = store.all();
  assert.equal(runs.length, 1, `${String(runs.length)} runs instead of one`);
  const [run] = runs;
  assert.ok(run);
  return run;
}

async function reaches(what: string, probe: (run: FollowedRun) => boolean): Promise<FollowedRun> {
  const run = await theRun();
  await eventually(
    what,
    () => {
      if (run.status === "failed") throw new Error(`the run failed: ${run.snapshot.error?.message ?? "nobody knows why"}`);
      return probe(run);
    },
    STAGE_MS,
  );
  return run;
}

if (windowNumber === 1) {
  describe("from the palette to a running run", () => {
    it("is the packaged extension, not the source tree", () => {
      assert.match(extension().extensionPath, /extensions.longrecipe\.longrecipe-\d/);
      assert.equal(existsSync(vscode.Uri.joinPath(extension().extensionUri, "src").fsPath), false);
    });

    it("Extend Context starts the open recipe and shows its dashboard", async () => {
      await vscode.window.showTextDocument(inWorkspace("tiny.longrecipe.json"));
      await press("F1");
      await type("LongRecipe: Extend Context");
      await press("Enter");
      const { store } = await activated();
      await eventually("a run is there", () => store.all().length === 1, STAGE_MS);
      await eventually("its dashboard shows it", async () => (await readWebview("body:has(.stage-panel)")).includes("Stages"), 60_000);
    }).timeout(STAGE_MS * 2);

    it("trains, pauses on request with a checkpoint, and goes on from there", async () => {
      const run = await reaches("training has begun", ({ snapshot }) => (snapshot.latest.extend?.step ?? 0) >= 2);
      await screenshot("end-to-end-training");
      await clickInWebview('[aria-label="Run"] >> text=Pause');
      await reaches("it is paused", ({ status }) => status === "paused");
      const step = run.snapshot.checkpoint?.step ?? 0;
      assert.ok(step >= 2, "there is no checkpoint");
      await clickInWebview('[aria-label="Run"] >> text=Resume');
      await reaches("training goes on", ({ status, snapshot }) => status === "running" && (snapshot.latest.extend?.step ?? 0) > step);
      assert.deepEqual(
        run.snapshot.stages.slice(0, 4).map(({ status }) => status),
        ["cached", "cached", "cached", "cached"],
      );
    }).timeout(STAGE_MS * 4);

    it("does not mind that the window goes away", async () => {
      await reloadWindow();
    });
  });
} else {
  describe("after the window came back", () => {
    it("the run was attached again and completes", async () => {
      const run = await reaches("it completes", ({ status }) => status === "completed");
      assert.deepEqual(
        run.snapshot.stages.map(({ name, status }) => `${name}: ${status}`).filter((line) => !/: (completed|cached)$/.test(line)),
        ["replay: skipped", "export: skipped"],
      );
      // Metrics come ten times a second at most, so quick steps may be missing, but none comes twice or out of order.
      const steps = [...(run.series.all().find(({ stage }) => stage === "extend")?.step ?? [])];
      assert.deepEqual(
        steps,
        [...new Set(steps)].sort((a, b) => a - b),
      );
      assert.deepEqual([steps[0], steps.at(-1)], [1, run.snapshot.latest.extend?.totalSteps]);
      await eventually("that is said", async () => (await readWindow(".notifications-toasts")).includes("has completed"));
    }).timeout(STAGE_MS * 4);

    it("has results for base, extended and merged, shown in the dashboard", async () => {
      const run = await theRun();
      const results = resultsSchema.parse(JSON.parse(await readFile(run.paths.results, "utf8")));
      assert.deepEqual([...new Set(results.rows.map(({ model }) => model))].sort(), ["base", "extended", "merged", "rope"]);
      await eventually("the page shows the evaluation", async () => (await readWebview("body:has(.stage-panel)")).includes("Evaluation"));
      await screenshot("end-to-end-completed");
    });

    it("left a merged checkpoint that transformers loads and generates from", async () => {
      const run = await theRun();
      const answer = await askOutside("generate", run.paths.merged);
      const { window, promptTokens, newTokens, finite } = z
        .object({ window: z.number(), promptTokens: z.number(), newTokens: z.number(), finite: z.boolean() })
        .parse(answer);
      assert.deepEqual({ window, newTokens, finite }, { window: run.run.targetLength, newTokens: 4, finite: true });
      assert.ok(promptTokens > 0);
    }).timeout(STAGE_MS);
  });
}
