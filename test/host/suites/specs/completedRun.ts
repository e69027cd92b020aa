/** What can be done with a run that is complete, on a real one: the end of the end-to-end session, after its reload. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { resultsSchema, type Results } from "../../../../src/protocol/results.js";
import { pairFolder } from "../../../../src/runner/stages/files.js";
import type { FollowedRun } from "../../../../src/views/followedRun.js";
import { quickPick, screenshot } from "../../support/driverClient.js";
import { windowNumber } from "../../support/mochaRunner.js";
import { activated, eventually, inWorkspace } from "./extension.js";
import { answer, clear, told } from "./messages.js";

/** Seconds of work; minutes where many others work on the same machine. */
const PATIENCE_MS = 300_000;

let run: FollowedRun;

async function done(): Promise<void> {
  await eventually(
    "it is complete again",
    () => {
      if (run.status === "failed") throw new Error(`it failed: ${run.snapshot.error?.message ?? "nobody knows why"}`);
      return run.status === "completed";
    },
    PATIENCE_MS,
  );
}

async function needles(): Promise<string[]> {
  const { rows }: Results = resultsSchema.parse(JSON.parse(await readFile(run.paths.results, "utf8")));
  const places = rows.filter(({ task }) => task === "needle").map(({ length, depth }) => `${String(length)} at ${String(depth)}`);
  return [...new Set(places)].sort();
}

if (windowNumber > 1) {
  describe("a run that is complete", () => {
    before(async () => {
      const [first] = (await activated()).store.all();
      assert.ok(first);
      run = first;
      await clear();
    });

    it("is evaluated again as its recipe says now, and nothing before that is done anew", async () => {
      const file = inWorkspace("tiny.longrecipe.json").fsPath;
      const recipe = JSON.parse(await readFile(file, "utf8")) as { evaluation: { needle: object } };
      recipe.evaluation.needle = { ...recipe.evaluation.needle, lengths: [384], depths: [0.5] };
      await writeFile(file, JSON.stringify(recipe, null, 2));
      await vscode.commands.executeCommand("longrecipe.evaluateRun", run.directory);
      await done();
      assert.deepEqual(await needles(), ["384 at 0.5"]);
      assert.deepEqual(
        run.snapshot.stages.filter(({ status }) => status === "completed").map(({ name }) => name),
        ["evaluate"],
      );
    }).timeout(PATIENCE_MS);

    it("gives a pair for live scoring, which is taken into use where it is offered", async () => {
      const document = await vscode.workspace.openTextDocument({ content: "Box 12 went to Kelford with 997 ships. 🚢 漢字. ".repeat(8) });
      await vscode.window.showTextDocument(document, { preview: false });
      const { highlights } = (await activated()).highlighting;
      await highlights.setEnabled(true);
      const at = document.getText().indexOf("997");
      const score = (): number | undefined => highlights.of(document)?.marks?.tokens.at(at)?.score;
      const shipped = await eventually("the shipped pair scores the text", score, 60_000);
      assert.equal(highlights.of(document)?.marks?.origin.kind, "live");
      const asked = vscode.commands.executeCommand("longrecipe.exportPair", run.directory);
      await quickPick("int8");
      await asked;
      await done();
      const pair = join(run.paths.stage("export"), pairFolder);
      assert.ok(existsSync(pair));
      await told("Use for Live Scoring", 30_000);
      await answer("Use for Live Scoring");
      await eventually("it is taken", () => vscode.workspace.getConfiguration("longrecipe").get("scorer.models") === pair);
      await clear();
      await vscode.window.showTextDocument(document, { preview: false });
      await eventually("the own pair scores it otherwise", () => score() !== undefined && score() !== shipped, 60_000);
      await screenshot("end-to-end-own-pair");
    }).timeout(PATIENCE_MS);
  });
}
