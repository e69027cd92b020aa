import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import * as z from "zod";
import { resultsSchema } from "../../../../src/protocol/results.js";
import type { FollowedRun } from "../../../../src/views/followedRun.js";
import {
  askOutside,
  clickInWebview,
  evaluateInWebview,
  press,
  readWebview,
  readWindow,
  reloadWindow,
  screenshot,
  type,
} from "../../support/driverClient.js";
import { windowNumber } from "../../support/mochaRunner.js";
import { activated, eventually, extension, inWorkspace } from "./extension.js";
import { charactersAt, impactfulCharacters, tintedCharacters } from "./tintedCharacters.js";

/** The side bar holds webviews too: the dashboard's page is the one with the stages. */
const dashboard = "body:has(.stage-panel)";
/** What the first window tells the second. */
const beforeReload = inWorkspace("before-reload.json").fsPath;
const beforeSchema = z.object({ points: z.number(), step: z.number() });

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

/** Steps of the stage `extend` that the run has reported. */
function trainedSteps({ series }: FollowedRun): number[] {
  return [...(series.all().find(({ stage }) => stage === "extend")?.step ?? [])];
}

/** What is drawn of the curve of the training, as a picture. */
async function drawnCurve(): Promise<string> {
  return z.string().parse(await evaluateInWebview('document.querySelector(".charts canvas")?.toDataURL() ?? ""', dashboard));
}

async function curveMoves(run: FollowedRun): Promise<void> {
  const picture = await eventually("a curve is drawn", drawnCurve, 60_000);
  const points = trainedSteps(run).length;
  await eventually("another curve is drawn", async () => (await drawnCurve()) !== picture, 60_000);
  await eventually("it has more points", () => trainedSteps(run).length > points, 60_000);
  assert.equal(run.status, "running", "training had ended before the curve moved");
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
      await eventually("its dashboard shows it", async () => (await readWebview(dashboard)).includes("Stages"), 60_000);
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

    it("draws the curve on and on", async () => {
      await curveMoves(await theRun());
    });

    it("does not mind that the window goes away", async () => {
      const run = await theRun();
      const step = run.snapshot.latest.extend?.step ?? 0;
      assert.equal(run.status, "running");
      await writeFile(beforeReload, JSON.stringify({ points: trainedSteps(run).length, step }));
      await reloadWindow();
    });
  });
} else {
  describe("after the window came back", () => {
    it("training goes on, the run is found again, and the dashboard is restored with its curve", async () => {
      const before = beforeSchema.parse(JSON.parse(await readFile(beforeReload, "utf8")));
      const run = await theRun();
      const { step = 0, totalSteps = 0 } = run.snapshot.latest.extend ?? {};
      assert.equal(run.status, "running");
      assert.ok(before.step <= step && step < totalSteps, `step ${String(step)} of ${String(totalSteps)}, ${String(before.step)} before`);
      assert.ok(trainedSteps(run).length >= before.points, "points of the curve are missing");
      // Nothing here opens it: it comes back by itself.
      await eventually("the dashboard shows the run", async () => /\d of 160 steps/.test(await readWebview(dashboard)), 60_000);
      await curveMoves(run);
      assert.ok(trainedSteps(run).length > before.points);
      await screenshot("end-to-end-after-reload");
    });

    it("the run completes", async () => {
      const run = await reaches("it completes", ({ status }) => status === "completed");
      assert.deepEqual(
        run.snapshot.stages.map(({ name, status }) => `${name}: ${status}`).filter((line) => !/: (completed|cached)$/.test(line)),
        ["replay: skipped", "export: skipped"],
      );
      // Metrics come ten times a second at most, so quick steps may be missing, but none comes twice or out of order.
      const steps = trainedSteps(run);
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
      await eventually("the page shows the evaluation", async () => (await readWebview(dashboard)).includes("Evaluation"));
      await screenshot("end-to-end-completed");
    });

    it("fills the heat map of every model", async () => {
      const labels = z
        .array(z.string())
        .parse(
          await evaluateInWebview(
            '[...document.querySelectorAll(".heatmaps .cell")].map((cell) => cell.getAttribute("aria-label"))',
            dashboard,
          ),
        );
      const places = [256, 512].flatMap((length) => [25, 75].map((depth) => `length ${String(length)}, depth ${String(depth)} %`));
      for (const place of places) {
        const cells = labels.filter((label) => label.startsWith(`${place}: `));
        assert.equal(cells.length, 4, `${place} is not there for every model: ${labels.join("; ")}`);
        for (const cell of cells) assert.match(cell, /: \d+ % of 1$/);
      }
      assert.equal(labels.length, 4 * places.length);
    });

    it("tints exactly the characters that the scores tell, emoji and CJK among them", async () => {
      const [api, run] = [await activated(), await theRun()];
      const editor = await vscode.window.showTextDocument(inWorkspace("corpus", "emoji.txt"), { preview: false });
      const text = editor.document.getText();
      const expected = await impactfulCharacters(run, "corpus/emoji.txt", text);
      await vscode.commands.executeCommand("longrecipe.toggleHighlight");
      const tinted = new Set<number>();
      // Only what is in view is marked, and some lines around it.
      for (let line = 0; line < editor.document.lineCount; line += 20) {
        const top = new vscode.Range(line, 0, line, 0);
        editor.revealRange(top, vscode.TextEditorRevealType.AtTop);
        const [from, to] = [line, line + 20].map((at) => editor.document.offsetAt(new vscode.Position(at, 0)));
        const within = [...expected].filter((at) => at >= (from ?? 0) && at < (to ?? 0));
        const shown = await eventually(`lines from ${String(line)} on are marked`, () => {
          const now = tintedCharacters(editor, api);
          return now !== null && within.every((at) => now.has(at)) && now;
        });
        for (const at of shown) tinted.add(at);
      }
      assert.equal(api.highlighting.highlights.of(editor.document)?.marks?.origin.kind, "run");
      assert.deepEqual(
        [...tinted].sort((a, b) => a - b),
        [...expected].sort((a, b) => a - b),
      );
      const characters = charactersAt(tinted, text);
      assert.match(characters, /\p{Extended_Pictographic}/u);
      assert.match(characters, /\p{Script=Han}/u);
      assert.ok(tinted.size < text.replace(/\s/gu, "").length, "everything is tinted");
      await screenshot("end-to-end-tinted");
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
