/** Killed at any moment, a run goes on and ends as if nothing had happened: the same weights, bit for bit, on CPU. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAlive, processIdentitySchema } from "../../src/runner/processes.js";
import { runPaths } from "../../src/runner/runDirectory.js";
import {
  cli,
  eventsOf,
  lossesOf,
  makeWorkspace,
  seedRun,
  start,
  stateOf,
  trainedPast,
  until,
  weightsHash,
  workerPython,
  writeRecipe,
} from "./support/cli.js";

let python: string;
let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
let recipe: string;
let whole: string;
let expected: { weights: string; losses: Map<number, number> };

beforeAll(async () => {
  python = await workerPython();
  workspace = await makeWorkspace(python);
  recipe = await writeRecipe(workspace.folder, "cut");
  whole = join(workspace.folder, "whole", "run");
  const { code, err } = await extend(whole).ended;
  expect(code, err).toBe(0);
  expected = { weights: await weightsHash(runPaths(whole).merged), losses: await lossesOf(whole) };
});
afterAll(() => workspace.remove());

function extend(run: string) {
  return start("extend", recipe, "--run", run, "--python", python);
}

async function workerOf(run: string) {
  return processIdentitySchema.parse(JSON.parse(await readFile(runPaths(run).worker, "utf8")));
}

/** Goes on until the run is complete, and compares it with the run that was never cut off. */
async function finishAndCompare(run: string): Promise<void> {
  const { code, err, out } = await cli("resume", run, "--python", python);
  expect(code, err + out).toBe(0);
  expect(await weightsHash(runPaths(run).merged)).toBe(expected.weights);
  const losses = await lossesOf(run);
  for (const [step, loss] of expected.losses) {
    // Fast steps are not all reported; those that both report must agree.
    if (losses.has(step)) expect(losses.get(step)).toBe(loss);
  }
  expect(losses.get(40)).toBe(expected.losses.get(40));
}

describe("interruptions", () => {
  it("worker killed: clear message, exit code 6, and at most the steps since the checkpoint are lost", async () => {
    const run = await seedRun(whole, join(workspace.folder, "worker-killed", "run"));
    const runner = extend(run);
    await until(run, trainedPast(12));
    process.kill((await workerOf(run)).pid, "SIGKILL");
    const { code, err } = await runner.ended;
    expect(code).toBe(6);
    expect(err).toContain("killed");
    expect(err).toContain("what to do:");
    expect(await stateOf(run)).toMatchObject({ status: "failed", error: { code: "worker-killed", stage: "extend" } });
    await finishAndCompare(run);
    const resumed = (await eventsOf(run)).filter((event) => event.kind === "run" && event.status === "resumed");
    expect(resumed.length).toBeGreaterThan(0);
  });

  it("a second runner on the same run is refused with exit code 5", async () => {
    const run = await seedRun(whole, join(workspace.folder, "second", "run"));
    const first = extend(run);
    await until(run, (event) => event.kind === "run");
    const { code, err } = await extend(run).ended;
    expect(code).toBe(5);
    expect(err).toContain("Another runner");
    first.child.kill("SIGTERM");
    expect((await first.ended).code).toBe(4);
    expect((await stateOf(run)).status).toBe("paused");
  });

  it("runner killed: its worker checkpoints and ends by itself, and the run goes on", async () => {
    const run = await seedRun(whole, join(workspace.folder, "runner-killed", "run"));
    const runner = extend(run);
    await until(run, trainedPast(7));
    const worker = await workerOf(run);
    runner.child.kill("SIGKILL");
    await runner.ended;
    const shown = await cli("status", run);
    expect(shown.out).toContain("interrupted");
    expect(shown.out).toContain("longrecipe resume");
    await finishAndCompare(run);
    expect(isAlive(worker)).toBe(false);
  });

  it("paused by request and by signal, then stopped: exit code 4 each time, and the way back is the same", async () => {
    const run = await seedRun(whole, join(workspace.folder, "paused", "run"));
    const first = extend(run);
    await until(run, trainedPast(4));
    const pause = await cli("pause", run);
    expect(pause).toMatchObject({ code: 0, out: "The run is paused.\n" });
    expect((await first.ended).code).toBe(4);
    const { lastSeq } = await stateOf(run);

    const second = start("resume", run, "--python", python);
    await until(run, trainedPast(10, lastSeq));
    second.child.kill("SIGINT");
    expect((await second.ended).code).toBe(4);
    const state = await stateOf(run);
    expect(state.status).toBe("paused");

    const third = start("resume", run, "--detach", "--json", "--python", python);
    const { pid } = JSON.parse((await third.ended).out) as { pid: number };
    await until(run, trainedPast(20, state.lastSeq));
    expect((await cli("stop", run)).code).toBe(0);
    expect((await stateOf(run)).status).toBe("stopped");
    await sleep(500);
    expect(isAlive({ pid, start: null })).toBe(false);
    await finishAndCompare(run);
  });
});
