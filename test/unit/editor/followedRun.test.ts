import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunEvent } from "../../../src/protocol/events.js";
import { identityOf } from "../../../src/runner/processes.js";
import { readRun } from "../../../src/runner/runDirectory.js";
import { FollowedRun } from "../../../src/views/followedRun.js";
import { makeFixtureRun, RunPlayer, writeFixtureRun, type FixtureEnd } from "../../support/fixtureRun.js";

let folder: string;
let directory: string;
let recipe: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrecipe-followed-"));
  directory = join(folder, ".longrecipe", "runs", "fixture-1");
  recipe = join(folder, "fixture.longrecipe.json");
});
afterEach(() => rm(folder, { recursive: true }));

async function followed(): Promise<FollowedRun> {
  return new FollowedRun({ directory, run: await readRun(directory) });
}

describe("a run that happened before", () => {
  it.each([
    ["completed", "completed"],
    ["paused", "paused"],
    ["failed", "failed"],
    ["running", "interrupted"],
  ] satisfies [FixtureEnd, string][])("%s is shown as %s", async (end, status) => {
    await writeFixtureRun(directory, recipe, { end });
    const run = await followed();
    expect(await run.refresh()).toBe(true);
    expect(run.status).toBe(status);
    expect(run.isActive).toBe(false);
    expect(run.isResumable).toBe(end !== "completed");
    expect(run.hasReport).toBe(end === "completed");
    expect(run.hasCheckpoint).toBe(end === "completed");
    expect(run.faultEvent === null).toBe(end !== "failed");
    expect(run.series.all()[0]?.step.length).toBe(end === "completed" ? 120 : 72);
    expect(await run.refresh()).toBe(false);
  });

  it("stays completed, with the results of before, when the runner of an evaluation dies that has thrown away the old output", async () => {
    await writeFixtureRun(directory, recipe, { end: "completed" });
    const run = await followed();
    await run.refresh();
    const { stages: before } = run.snapshot;
    const seq = run.snapshot.lastSeq + 1;
    const time = Date.now();
    const events: RunEvent[] = [
      { seq, time, stage: "evaluate", kind: "result", name: "results", path: join(directory, "stages", "08-evaluate", "results.json") },
      { seq: seq + 1, time, stage: null, kind: "run", status: "resumed", followUp: "evaluate" },
      { seq: seq + 2, time, stage: "evaluate", kind: "stage", status: "started" },
    ];
    await appendFile(run.paths.events, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    await run.refresh();
    expect([run.status, run.shown.followUp]).toEqual(["completed", { stage: "evaluate", status: "interrupted" }]);
    expect(run.shown.stages).toEqual(before);
    expect(run.resultsFile).toBe(run.paths.results);
  });

  it("shows what can be read of a damaged history, and says how much could not", async () => {
    await writeFixtureRun(directory, recipe, { end: "paused" });
    const run = await followed();
    await run.refresh();
    await appendFile(run.paths.events, '{"seq":1e9,"kind":"surprise"}\n<b>not JSON</b>\n');
    expect(await run.refresh()).toBe(true);
    expect([run.malformedLines, run.status, run.series.all()[0]?.step.length]).toEqual([2, "paused", 72]);
  });
});

describe("a run that goes on", () => {
  it("is followed event by event, and interrupted when its runner is gone", async () => {
    const player = await RunPlayer.start(directory, recipe, { end: "running" });
    const run = await followed();
    await player.play(0, (payload) => payload.kind === "metric" && payload.step === 10);
    await run.refresh();
    expect([run.status, run.snapshot.currentStage, run.series.all()[0]?.step.length]).toEqual(["running", "extend", 10]);
    await player.play(0);
    expect(await run.refresh()).toBe(true);
    expect(run.fresh.length).toBeGreaterThan(60);
    await player.end();
    expect(await run.refresh()).toBe(true);
    expect(run.status).toBe("interrupted");
  });

  it("is starting from its launch until its runner speaks, also when an ended run is resumed", async () => {
    await writeFixtureRun(directory, recipe, { end: "paused" });
    const run = await followed();
    await run.refresh();
    run.wasLaunched(identityOf(process.pid));
    await run.refresh();
    expect(run.status).toBe("starting");
    const player = await RunPlayer.start(directory, recipe, { end: "completed" });
    await player.play(0, (payload) => payload.kind === "metric");
    await run.refresh();
    expect(run.status).toBe("running");
    await player.end();
  });

  it("is interrupted when its runner dies before its first word", async () => {
    await makeFixtureRun(directory, recipe);
    const run = await followed();
    run.wasLaunched({ pid: 2 ** 22 + 1, start: "long ago" });
    await run.refresh();
    expect(run.status).toBe("interrupted");
  });
});
