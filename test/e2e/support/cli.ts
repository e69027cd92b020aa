/** The built command line, as people start it, and what it leaves behind. */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packageRoot } from "../../../src/environment/locations.js";
import type { RunEvent } from "../../../src/protocol/events.js";
import { snapshotOf, type RunSnapshot } from "../../../src/protocol/runSnapshot.js";
import { stageFolder, stageNames, type StageName } from "../../../src/protocol/stages.js";
import { runEventTail } from "../../../src/runner/eventTail.js";
import { runPaths } from "../../../src/runner/runDirectory.js";

/** LONGRECIPE_RUNNER names another build, so that dist can be made anew meanwhile. */
const runner = process.env["LONGRECIPE_RUNNER"] ?? join(packageRoot(), "dist", "runner.js");

/** The model is so small that a second thread only waits: on a busy machine for most of the time. */
const fewThreads = { OMP_NUM_THREADS: "1" };

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `longrecipe ARGS`. */
export function start(...args: string[]): Started {
  if (!existsSync(runner)) throw new Error("dist/runner.js is not built: run `npm run setup` first.");
  return startProgram(process.execPath, [runner, ...args]);
}

/** Runs `longrecipe ARGS` to its end. */
export function cli(...args: string[]): Promise<Ended> {
  return start(...args).ended;
}

export function startProgram(command: string, args: readonly string[]): Started {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, HF_HUB_OFFLINE: "1", ...fewThreads } });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
  return { child, ended };
}

/** The worker's Python: LONGRECIPE_PYTHON, else the managed environment, made when it is not there. */
export async function workerPython(): Promise<string> {
  const { code, out, err } = await cli("setup", "--json");
  if (code !== 0) throw new Error(`setup ended with ${String(code)}: ${err}${out}`);
  return String((JSON.parse(out) as { interpreter: unknown }).interpreter);
}

/** A folder with the tiny model and its corpus; `remove` takes it away. */
export async function makeWorkspace(python: string): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "longrecipe-e2e-"));
  const script = join(packageRoot(), "test", "e2e", "support", "tiny_model.py");
  const { code, err } = await startProgram(python, [script, folder]).ended;
  if (code !== 0) throw new Error(`the tiny model could not be made: ${err}`);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Training takes a few seconds in many small steps: enough to be cut off in the middle. */
const training = { samples: 32, batchSize: 16, steps: 40, learningRate: 1e-3, checkpointEvery: 5, precision: "float32" };

/** Writes a recipe for the tiny model and returns its path. `change` is merged into it, two levels deep. */
export async function writeRecipe(folder: string, name: string, change: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const recipe: Record<string, unknown> = {
    model: "model",
    targetLength: 256,
    trainedLength: 48,
    corpus: { include: ["corpus"] },
    training,
    replay: { enabled: false },
    evaluation: { needle: { enabled: false }, perplexity: { enabled: false } },
    device: "cpu",
  };
  for (const [key, value] of Object.entries(change)) {
    const before = recipe[key];
    const both = typeof before === "object" && typeof value === "object" && !Array.isArray(value);
    recipe[key] = both ? { ...before, ...value } : value;
  }
  const file = join(folder, `${name}.longrecipe.json`);
  await writeFile(file, JSON.stringify(recipe, null, 2));
  return file;
}

/** Copies the finished stages `keep` of a run into a new run folder that has no neighbours to take others from. */
export async function seedRun(from: string, to: string, keep: readonly StageName[] = stageNames.slice(0, 4)): Promise<string> {
  await mkdir(join(to, "stages"), { recursive: true });
  for (const stage of keep) {
    for (const ending of ["", ".json", ".key"]) {
      const name = `${stageFolder(stage)}${ending}`;
      await cp(join(from, "stages", name), join(to, "stages", name), { recursive: true });
    }
  }
  // The facts about the model lie beside the runs.
  const facts = join(dirname(from), ".inspect");
  if (existsSync(facts)) await cp(facts, join(dirname(to), ".inspect"), { recursive: true });
  return to;
}

export function eventsOf(run: string): Promise<RunEvent[]> {
  return runEventTail(runPaths(run).events).read();
}

export async function stateOf(run: string): Promise<RunSnapshot> {
  return snapshotOf(await eventsOf(run));
}

/** Waits until the history of a run holds an event that `test` accepts. */
export async function until(run: string, test: (event: RunEvent) => boolean, milliseconds = 120_000): Promise<RunEvent> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const found = (await eventsOf(run)).find(test);
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`nothing of that kind happened in ${run} within ${String(milliseconds)} ms`);
    await sleep(30);
  }
}

/** Whether an event says that training is past optimizer step `step`. */
export function trainedPast(step: number, after = -1): (event: RunEvent) => boolean {
  return (event) => event.kind === "metric" && event.stage === "extend" && event.step > step && event.seq > after;
}

/** sha256 over the weights of a checkpoint, in order of file names. */
export async function weightsHash(model: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(model)).filter((file) => file.endsWith(".safetensors")).sort())
    hash.update(await readFile(join(model, name)));
  return hash.digest("hex");
}

/** Loss by optimizer step; a step that was done again counts as it was the last time. */
export async function lossesOf(run: string): Promise<Map<number, number>> {
  const losses = new Map<number, number>();
  for (const event of await eventsOf(run)) {
    if (event.kind === "metric" && event.stage === "extend" && event.values.loss !== undefined) losses.set(event.step, event.values.loss);
  }
  return losses;
}
