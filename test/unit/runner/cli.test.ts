import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { snapshotOf } from "../../../src/protocol/runSnapshot.js";
import { runCommandLine } from "../../../src/runner/cli/program.js";
import { formatCount, formatDuration, RateMeter } from "../../../src/runner/cli/rate.js";
import { LineDisplay } from "../../../src/runner/cli/progress.js";
import { shown, statusText } from "../../../src/runner/cli/status.js";
import { doctorText } from "../../../src/runner/cli/doctor.js";
import { EventLog } from "../../../src/runner/eventLog.js";
import { readRun, runPaths, writeRun } from "../../../src/runner/runDirectory.js";
import { runEventTail } from "../../../src/runner/eventTail.js";
import { recipe, temporaryFolder } from "./support.js";

/** Runs the command line in this process. */
async function cli(...args: string[]) {
  const out: string[] = [];
  const spies = [
    vi.spyOn(console, "log").mockImplementation((line: string) => void out.push(line)),
    vi.spyOn(console, "error").mockImplementation((line: string) => void out.push(line)),
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => out.push(String(text)) > 0),
  ];
  try {
    const code = await runCommandLine(args);
    return { code, text: out.join("\n") };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

async function pausedRun() {
  const folder = await temporaryFolder();
  const directory = join(folder, "run");
  await writeRun(directory, join(folder, "a.longrecipe.json"), recipe({ name: "a" }));
  const log = EventLog.open(runPaths(directory).events);
  log.append({ kind: "run", status: "started", pid: 1 }, null);
  log.append({ kind: "stage", status: "started" }, "prepare");
  log.append({ kind: "stage", status: "completed", seconds: 2, detail: "3 documents" }, "prepare");
  log.append({ kind: "stage", status: "started" }, "extend");
  log.append({ kind: "metric", step: 5, totalSteps: 10, values: { loss: 2 } }, "extend");
  return { directory, log };
}

describe("command line", () => {
  it("documents its commands and exit codes", async () => {
    const { code, text } = await cli("--help");
    expect(code).toBe(0);
    for (const word of ["extend", "status", "pause", "resume", "stop", "evaluate", "doctor", "schema", "Exit codes", "another runner"])
      expect(text).toContain(word);
  });

  it.each([[[]], [["no-such-command"]], [["extend"]], [["status", "x", "--no-such-option"]]])(
    "refuses %j with exit code 2",
    async (args) => {
      expect((await cli(...args)).code).toBe(2);
    },
  );

  it("prints the JSON Schemas", async () => {
    const { code, text } = await cli("schema", "recipe");
    expect(code).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ title: "LongRecipe recipe", type: "object" });
    expect((await cli("schema", "nonsense")).code).toBe(2);
  });

  it("tells every problem of a recipe at once, each with its key, and leaves nothing behind", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "bad.longrecipe.json");
    await writeFile(file, '{"model":"m","targetLength":-1,"corpus":{"include":["x"]},"trainig":{},"merge":{"alpha":2}}');
    const { code, text } = await cli("extend", file);
    expect(code).toBe(2);
    for (const key of ["targetLength", "trainig", "merge.alpha", "what to do"]) expect(text).toContain(key);
    const json = await cli("extend", file, "--json");
    expect(JSON.parse(json.text)).toMatchObject({ error: { code: "recipe-invalid", exitCode: 2, problems: { length: 3 } } });
    await expect(readRun(join(folder, ".longrecipe"))).rejects.toThrow();
  });

  it("a Python that cannot run the worker ends with exit code 3", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "a.longrecipe.json");
    await writeFile(file, '{"model":"m","targetLength":100,"corpus":{"include":["x"]}}');
    const { code, text } = await cli("extend", file, "--python", "/no/such/python");
    expect(code).toBe(3);
    expect(text).toContain("/no/such/python");
  });

  it("when the directory was named, its history tells the fault", async () => {
    const folder = await temporaryFolder();
    const run = join(folder, "run");
    const file = join(folder, "bad.longrecipe.json");
    await writeFile(file, "{}");
    expect((await cli("extend", file, "--run", run)).code).toBe(2);
    const state = snapshotOf(await runEventTail(runPaths(run).events).read());
    expect(state).toMatchObject({ status: "failed", error: { code: "recipe-invalid" } });
    expect(state.error?.message).toContain("targetLength");
  });

  it("status shows a run whose runner is gone as interrupted and says how to go on", async () => {
    const { directory, log } = await pausedRun();
    log.close();
    const { code, text } = await cli("status", directory);
    expect(code).toBe(0);
    expect(text).toContain("interrupted");
    expect(text).toContain("5/10 steps");
    expect(text).toContain("longrecipe resume");
    expect(JSON.parse((await cli("status", directory, "--json")).text)).toMatchObject({ status: "interrupted", name: "a" });
    expect((await cli("status", join(directory, "nothing"))).code).toBe(2);
  });

  it("status leaves a run completed whose evaluation was killed, and says how that is done again", async () => {
    const { directory, log } = await pausedRun();
    log.append({ kind: "run", status: "completed", exitCode: 0 }, null);
    log.append({ kind: "run", status: "resumed", pid: 1, followUp: "evaluate" }, null);
    log.append({ kind: "stage", status: "started" }, "evaluate");
    log.close();
    const { text } = await cli("status", directory);
    expect(text).toContain("a: completed, evaluation interrupted, 100 %");
    expect(text).toContain(`evaluation interrupted: try again with  longrecipe evaluate ${JSON.stringify(directory)}`);
    expect(text).not.toContain("longrecipe resume");
    expect(JSON.parse((await cli("status", directory, "--json")).text)).toMatchObject({
      status: "completed",
      followUp: { stage: "evaluate", status: "interrupted" },
      fraction: 1,
    });
    expect((await cli("runs", join(directory, ".."))).text).toBe(`completed   100 %  ${directory}  (evaluation interrupted)`);
    // There is nothing to stop, as there is not in the editor's window.
    expect(await cli("stop", directory)).toMatchObject({ code: 2, text: expect.stringContaining("the run is completed") as string });
  });

  it("status says so where an old history does not tell what was begun on a completed run", async () => {
    const { directory, log } = await pausedRun();
    log.append({ kind: "run", status: "completed", exitCode: 0 }, null);
    log.append({ kind: "run", status: "resumed", pid: 1 }, null);
    log.append({ kind: "error", code: "x", message: "No Python.", remedy: "Name one." }, null);
    log.append({ kind: "run", status: "failed", exitCode: 3 }, null);
    log.close();
    const { text } = await cli("status", directory);
    expect(text).toContain("a: completed, last action failed, 100 %");
    for (const part of ["the history does not say what it was", "longrecipe evaluate", "longrecipe export"]) expect(text).toContain(part);
    expect(text).not.toContain("longrecipe resume");
  });

  it("stop declares a paused run stopped; there is nothing to pause", async () => {
    const { directory, log } = await pausedRun();
    log.append({ kind: "run", status: "paused", exitCode: 4 }, null);
    log.close();
    expect(await cli("pause", directory)).toMatchObject({ code: 2 });
    expect(await cli("stop", directory)).toMatchObject({ code: 0, text: "The run is stopped." });
    expect(await cli("stop", directory)).toMatchObject({ code: 2 });
  });

  it("lists runs", async () => {
    const { directory, log } = await pausedRun();
    log.close();
    expect((await cli("runs", join(directory, ".."))).text).toContain(directory);
    const empty = await temporaryFolder();
    expect((await cli("runs", empty)).text).toContain("No runs");
  });

  it("evaluating a model needs a recipe", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "model"));
    expect(await cli("evaluate", join(folder, "model"))).toMatchObject({ code: 2 });
  });
});

describe("display", () => {
  it("measures rate and time left, and starts anew when a pass begins again", () => {
    const meter = new RateMeter();
    expect(meter.rate()).toBeNull();
    meter.add(0, 0);
    meter.add(1000, 50);
    meter.add(2000, 100);
    expect(meter.rate()).toBe(50);
    expect(meter.secondsLeft(200)).toBe(2);
    meter.add(3000, 10);
    expect(meter.rate()).toBeNull();
  });

  it("follows a change of speed", () => {
    const meter = new RateMeter();
    for (let t = 0; t <= 60; t++) meter.add(1000 * t, t);
    for (let t = 1; t <= 60; t++) meter.add(60_000 + 1000 * t, 60 + 10 * t);
    expect(meter.rate()).toBeCloseTo(10, 0);
  });

  it("writes times and counts as people do", () => {
    expect([formatDuration(75.4), formatDuration(3675)]).toEqual(["1:15", "1:01:15"]);
    expect([formatCount(7), formatCount(0.123), formatCount(12_345), formatCount(1_234_567), formatCount(2e9)]).toEqual([
      "7",
      "0.12",
      "12.3k",
      "1.23M",
      "2.00G",
    ]);
  });

  it("prints a line a stage, and of progress only now and then", () => {
    const lines: string[] = [];
    const display = new LineDisplay((line) => lines.push(line), 10_000);
    const at = (seq: number, time: number, payload: object) =>
      ({ seq, time, stage: "extend", ...payload }) as Parameters<typeof display.show>[0];
    display.show(at(0, 20_000, { kind: "stage", status: "started" }));
    for (let i = 0; i < 50; i++)
      display.show(at(1 + i, 20_000 + 400 * i, { kind: "metric", step: i, totalSteps: 50, values: { loss: 1 } }));
    display.show(at(60, 50_000, { kind: "stage", status: "completed", seconds: 30, detail: "50 steps" }));
    expect(lines[0]).toBe("[5/9] extend started");
    expect(lines.at(-1)).toBe("[5/9] extend completed in 0:30: 50 steps");
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(/25\/50 steps, 2\.5 steps\/s, 0:10 left, loss 1\.000/);
  });

  it("status text names results, errors and the way on", async () => {
    const { directory, log } = await pausedRun();
    onTestFinished(() => log.close());
    log.append({ kind: "error", code: "x", message: "The disk is full.", remedy: "Free some space." }, null);
    log.append({ kind: "run", status: "failed", exitCode: 6 }, null);
    const state = snapshotOf(await runEventTail(runPaths(directory).events).read());
    const file = await readRun(directory);
    const text = statusText(directory, file, shown(state, false, file));
    for (const part of [
      "a: failed",
      "prepare      completed 0:02  3 documents",
      "The disk is full.",
      "Free some space.",
      "longrecipe resume",
    ])
      expect(text).toContain(part);
  });

  it("doctor's answer fits on a screen", () => {
    const text = doctorText("/venv/bin/python", "managed", {
      python: "3.11.7",
      torch: "2.13.0",
      transformers: "5.23.0",
      devices: [{ device: "cpu", name: "x86", memoryBytes: null, bfloat16: false }],
      cpus: 2,
      memoryBytes: 16e9,
      diskFreeBytes: 5e9,
    });
    expect(text.split("\n")).toHaveLength(7);
    expect(text).toContain("made by LongRecipe");
  });
});
