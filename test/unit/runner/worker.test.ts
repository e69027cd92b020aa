import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, it, vi } from "vitest";
import type { EventPayload } from "../../../src/protocol/events.js";
import { requestControl } from "../../../src/runner/control.js";
import { identityOf } from "../../../src/runner/processes.js";
import { Interrupted } from "../../../src/runner/stage.js";
import { runWorker, type WorkerRun } from "../../../src/runner/worker.js";
import { SeenEvents } from "../../../src/runner/workerEvents.js";
import { fakeWorker, temporaryFolder } from "./support.js";

async function worker(body: string, more: Partial<WorkerRun> = {}) {
  const folder = await temporaryFolder();
  const control = join(folder, "control");
  await mkdir(control);
  const events: EventPayload[] = [];
  const run: WorkerRun = {
    job: {
      version: 1,
      kind: "inspect",
      models: ["m"],
      output: join(folder, "out.json"),
      events: join(folder, "events.jsonl"),
      control,
      device: "cpu",
      precision: "auto",
      seed: 1,
    },
    jobFile: join(folder, "job.json"),
    logFile: join(folder, "worker.log"),
    recordFile: join(folder, "worker.json"),
    seen: () => false,
    emit: (event) => events.push(event),
    abort: new AbortController().signal,
    ...more,
  };
  const python = await fakeWorker(folder, body);
  return { folder, control, events, run, start: () => runWorker({ python, packageDirectory: folder }, run) };
}

describe("worker process", () => {
  it("is not given the keys of servers", async () => {
    vi.stubEnv("LONGRECIPE_KEY_OPENAI", "sk-secret");
    const { start, run } = await worker("console.log(JSON.stringify(process.env));");
    await start();
    vi.unstubAllEnvs();
    const printed = await readFile(run.logFile, "utf8");
    expect(printed).toContain("PYTHONUTF8");
    expect(printed).not.toContain("sk-secret");
  });

  it("passes events on in order, and writes what is printed into the log", async () => {
    const { start, events, run } = await worker(`
      emit({ kind: "log", level: "info", message: "one" });
      console.log("printed"); console.error("also printed");
      await new Promise((done) => setTimeout(done, 250));
      emit({ kind: "progress", done: 1, total: 2, unit: "steps" });`);
    await start();
    expect(events).toEqual([
      { kind: "log", level: "info", message: "one" },
      { kind: "progress", done: 1, total: 2, unit: "steps" },
    ]);
    expect(await readFile(run.logFile, "utf8")).toBe("printed\nalso printed\n");
  });

  it.each([
    [20, "bad", 2],
    [21, "out-of-memory", 6],
    [22, "non-finite", 6],
    [23, "disk-full", 6],
    [1, "internal", 6],
  ])("exit code %i becomes the fault that the worker told", async (code, name, exit) => {
    const { start, events } = await worker(
      `emit({ kind: "error", code: "${name}", message: "what", remedy: "do" }); process.exit(${String(code)});`,
    );
    await expect(start()).rejects.toMatchObject({ code: name, message: "what", remedy: "do", exit });
    // The pipeline tells it, once.
    expect(events).toEqual([]);
  });

  it("quotes the last lines of a worker that crashed without a word, and of this try only", async () => {
    const { start, run } = await worker(`console.error("Traceback\\nValueError: no"); process.exit(1);`);
    await writeFile(run.logFile, "from an earlier try\n");
    const fault = start();
    await expect(fault).rejects.toMatchObject({ code: "worker-crashed", exit: 6 });
    await expect(fault).rejects.toThrow(/ValueError: no$/);
    await expect(fault).rejects.not.toThrow(/earlier/);
  });

  it("says that memory probably ran out when the worker was killed", async () => {
    const { start } = await worker(`process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);`);
    await expect(start()).rejects.toMatchObject({ code: "worker-killed", exit: 6 });
  });

  it("exit code 10 is an end on request", async () => {
    const wait = `setInterval(() => { if (fs.existsSync(job.control + "/stop")) process.exit(10); }, 20);`;
    const { start, control } = await worker(wait);
    const running = start();
    await requestControl(control, "stop");
    await expect(running).rejects.toEqual(new Interrupted("stop"));
  });

  it("an abort ends it at once", async () => {
    const abort = new AbortController();
    const { start } = await worker("setInterval(() => {}, 1000);", { abort: abort.signal });
    const running = start();
    setTimeout(() => abort.abort(), 200);
    await expect(running).rejects.toBeInstanceOf(Interrupted);
  });

  it("mentions lines that are not events", async () => {
    const { start, events } = await worker(`fs.appendFileSync(job.events, "rubbish\\n");`);
    await start();
    expect(events).toMatchObject([{ kind: "log", level: "warning" }]);
  });

  it("a Python that cannot be started is a fault of the environment", async () => {
    const { run } = await worker("");
    await expect(runWorker({ python: "/no/such/python", packageDirectory: "/" }, run)).rejects.toMatchObject({
      code: "python-not-started",
      exit: 3,
    });
  });

  it("stops the worker when its events cannot be written", async () => {
    const { start } = await worker(`emit({ kind: "log", level: "info", message: "x" }); setInterval(() => {}, 1000);`, {
      emit: () => {
        throw new Error("disk");
      },
    });
    await expect(start()).rejects.toThrow("disk");
  });

  it("waits for the worker of a runner that was killed", async () => {
    const { start, run, events } = await worker("");
    const orphan = execa(process.execPath, ["-e", "setTimeout(() => {}, 700)"]);
    await sleep(50);
    await writeFile(run.recordFile, JSON.stringify(identityOf(orphan.pid ?? 0)));
    const began = Date.now();
    await start();
    expect(Date.now() - began).toBeGreaterThan(400);
    expect(events).toMatchObject([{ kind: "log", level: "info" }]);
    await orphan;
  });
});

describe("events that were seen", () => {
  const metric = (seq: number, time: number, step: number) =>
    ({ seq, time, stage: "extend", kind: "metric", step, totalSteps: 9, values: { loss: 1 } }) as const;
  const unnumbered = (step: number) => ({ kind: "metric", step, totalSteps: 9, values: { loss: 1 } }) as const;

  it("are those up to the last one, and at its very time only itself", () => {
    const seen = new SeenEvents([metric(0, 10, 1), { seq: 1, time: 99, stage: null, kind: "run", status: "failed" }]);
    expect(seen.has("extend", unnumbered(0), 9)).toBe(true);
    expect(seen.has("extend", unnumbered(1), 10)).toBe(true);
    expect(seen.has("extend", unnumbered(2), 10)).toBe(false);
    expect(seen.has("extend", unnumbered(3), 11)).toBe(false);
    expect(seen.has("replay", unnumbered(1), 1)).toBe(false);
  });
});
