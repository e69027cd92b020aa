/**
 * Run directories for tests and for work on the views, written through the same code that a runner uses:
 * either at once, as if the run had been there before, or played with delays, as if it were going on.
 * By hand: `npx tsx test/support/playRun.ts FOLDER [completed|paused|failed|running] [DELAY_MS]`
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { EventPayload } from "../../src/protocol/events.js";
import { recipeSchema } from "../../src/protocol/recipe.js";
import type { Results } from "../../src/protocol/results.js";
import { stageFolder, stageNames, type StageName } from "../../src/protocol/stages.js";
import { EventLog } from "../../src/runner/eventLog.js";
import { evaluationFiles } from "../../src/runner/stages/files.js";
import { lockRun, type RunLock } from "../../src/runner/lock.js";
import { runPaths, writeRun } from "../../src/runner/runDirectory.js";
import { writeFixtureSamples } from "./fixtureSamples.js";

/** How a fixture ends; `running` leaves it in the middle of its training. */
export type FixtureEnd = "completed" | "paused" | "failed" | "running";

export interface FixtureOptions {
  readonly end: FixtureEnd;
  /** Optimizer steps of the stage extend. */
  readonly steps?: number;
}

interface Step {
  readonly stage: StageName | null;
  readonly payload: EventPayload;
}

const window = 256;
const targetLength = 2048;
const lengths = [128, 256, 512, 1024, 2048];

/** The history of a small run, made up but of the right shape. */
export function fixtureEvents({ end, steps = 120 }: FixtureOptions): Step[] {
  const history: Step[] = [];
  const add = (stage: StageName | null, payload: EventPayload): void => void history.push({ stage, payload });
  const done = (stage: StageName, seconds: number, detail: string): void =>
    add(stage, { kind: "stage", status: "completed", seconds, detail });
  add(null, { kind: "run", status: "started", pid: process.pid });
  add("prepare", { kind: "stage", status: "started" });
  for (const share of [0.25, 0.6, 1]) {
    add("prepare", { kind: "progress", done: Math.round(180_000 * share), total: 180_000, unit: "tokens", label: "tokenizing" });
  }
  done("prepare", 1.9, "180,000 tokens in 12 documents");
  add("significance", { kind: "stage", status: "started" });
  add("significance", { kind: "device", device: "cpu", name: "test processor", precision: "float32", threads: 2 });
  for (let n = 1; n <= 4; n += 1) add("significance", { kind: "progress", done: n * 20, total: 80, unit: "windows" });
  done("significance", 14.2, "mean offset 0.31");
  add("select", { kind: "stage", status: "cached", seconds: 0.4, detail: "20 % of the tokens are impactful" });
  add("samples", { kind: "stage", status: "started" });
  done("samples", 0.8, "480 samples of 614 tokens");
  add("extend", { kind: "stage", status: "started" });
  training(end === "completed" ? steps : Math.ceil(steps * 0.6), steps).forEach((payload) => add("extend", payload));
  if (end === "paused") add(null, { kind: "run", status: "paused", exitCode: 4 });
  if (end === "failed") failure().forEach(({ stage, payload }) => add(stage, payload));
  if (end !== "completed") return history;
  done("extend", 52.3, `${String(steps)} steps, loss 1.41`);
  add("replay", { kind: "stage", status: "skipped", detail: "no replay.corpus" });
  add("merge", { kind: "stage", status: "started" });
  done("merge", 0.6, "alpha 0.5");
  add("evaluate", { kind: "stage", status: "started" });
  for (let n = 1; n <= 4; n += 1) add("evaluate", { kind: "progress", done: n * 25, total: 100, unit: "prompts", label: "merged" });
  done("evaluate", 21.7, "needle 96 % beyond the window (base 12 %)");
  add(null, { kind: "run", status: "completed", exitCode: 0 });
  return history;
}

function training(steps: number, totalSteps: number): EventPayload[] {
  return Array.from({ length: steps }, (_, index) => index + 1).flatMap((step): EventPayload[] => {
    const values = {
      loss: 1.2 + 2.6 * Math.exp(-step / 25) + 0.08 * Math.sin(step * 1.7) + 0.05 * Math.cos(step * 5.1),
      learningRate: 5e-4 * Math.min(1, step / 4),
      gradNorm: 0.8 + 0.3 * Math.sin(step * 0.9),
      tokensPerSecond: 9_400 + 300 * Math.cos(step),
      memoryBytes: 6.1e8,
    };
    const metric: EventPayload = { kind: "metric", step, totalSteps, values };
    const checkpoint: EventPayload = { kind: "checkpoint", step, path: `checkpoints/step-${String(step)}` };
    return step % 25 === 0 ? [metric, checkpoint, validation(step)] : [metric];
  });
}

function validation(step: number): EventPayload {
  const learned = Math.min(1, step / 100);
  return {
    kind: "validation",
    step,
    perplexity: { inside: 9.8, beyond: 12 + 50 * (1 - learned) },
    needles: lengths.flatMap((length) => [0, 0.5, 1].map((depth) => ({ length, depth, score: length <= window ? 1 : learned }))),
  };
}

function failure(): Step[] {
  const message = "The loss is not a finite number at step 73.";
  return [
    { stage: "extend", payload: { kind: "stage", status: "failed", seconds: 30.1 } },
    { stage: null, payload: { kind: "error", code: "non-finite-loss", message, remedy: "Lower training.learningRate, then resume." } },
    { stage: null, payload: { kind: "run", status: "failed", exitCode: 6 } },
  ];
}

/** Made-up results: the base fails beyond its window, the merged model does not. */
export function fixtureResults(run: string): Results {
  const accuracy: Readonly<Record<string, readonly number[]>> = {
    base: [1, 0.95, 0.2, 0, 0],
    rope: [1, 0.9, 0.55, 0.3, 0.1],
    extended: [1, 1, 1, 0.95, 0.9],
    merged: [1, 1, 1, 0.95, 0.95],
  };
  const rows = Object.entries(accuracy).flatMap(([model, shares]) =>
    lengths.flatMap((length, at) =>
      [0, 0.5, 1].flatMap((depth) =>
        Array.from({ length: 4 }, (_, trial) => {
          const score = (trial + 0.5) / 4 < (shares[at] ?? 0) ? 1 : 0;
          const promptHash = `${String(length)}-${String(depth)}-${String(trial)}`;
          return {
            model,
            task: "needle",
            length,
            depth,
            trial,
            promptHash,
            answer: score === 1 ? "4821" : "1177",
            expected: "4821",
            score,
          };
        }),
      ),
    ),
  );
  return { version: 1, run, window, targetLength, rows };
}

/** The prompt of every trial of {@link fixtureResults}, one a line. */
function fixturePrompts(): string {
  const needle = " The access code of Rome is 4821.";
  const question = " The access code of Rome is";
  const lines = lengths.flatMap((length) =>
    [0, 0.5, 1].flatMap((depth) =>
      Array.from({ length: 4 }, (_, trial) => {
        const filler = `Rain fell on ${String(length)} roofs.\n`.repeat(30);
        const text = `${filler}Snow.${needle} ${filler}Fog. The access code of York is 1177.${question}`;
        const hash = `${String(length)}-${String(depth)}-${String(trial)}`;
        return JSON.stringify({
          hash,
          text,
          length,
          depth,
          expected: "4821",
          needle,
          distractors: [" The access code of York is 1177."],
          question,
        });
      }),
    ),
  );
  return `${lines.join("\n")}\n`;
}

/** Writes run.json and recipe.json. */
export async function makeFixtureRun(directory: string, recipeFile: string): Promise<void> {
  const recipe = recipeSchema.parse({ model: "./model", targetLength, corpus: { include: ["corpus"] } });
  await writeRun(directory, recipeFile, recipe);
}

/** A whole run, as if it had happened before; with `running`, as if its runner had been killed. */
export async function writeFixtureRun(directory: string, recipeFile: string, options: FixtureOptions): Promise<void> {
  await makeFixtureRun(directory, recipeFile);
  const events = fixtureEvents(options);
  const log = EventLog.open(runPaths(directory).events);
  const start = Date.now() - events.length * 400;
  events.forEach(({ payload, stage }, index) => log.append(payload, stage, start + index * 400));
  log.close();
  if (options.end === "completed") await writeOutcome(directory);
}

/** What a completed run leaves: samples, results with their prompts, report, merged checkpoint. */
async function writeOutcome(directory: string): Promise<void> {
  const paths = runPaths(directory);
  for (const stage of stageNames) mkdirSync(join(paths.stages, stageFolder(stage)), { recursive: true });
  mkdirSync(paths.merged, { recursive: true });
  writeFileSync(
    join(paths.merged, "config.json"),
    JSON.stringify({ architectures: ["LlamaForCausalLM"], max_position_embeddings: targetLength }),
  );
  await writeFixtureSamples(paths);
  writeFileSync(join(paths.stage("evaluate"), evaluationFiles.promptTexts), fixturePrompts());
  writeFileSync(paths.results, JSON.stringify(fixtureResults("fixture")));
  writeFileSync(paths.reportMarkdown, "# Fixture report\n\nNeedle accuracy by length.\n");
}

/** Plays a run: holds its lock, as a runner does, and appends its events bit by bit. */
export class RunPlayer {
  private constructor(
    private readonly directory: string,
    private readonly log: EventLog,
    private readonly lock: RunLock,
    private readonly rest: Step[],
  ) {}

  static async start(directory: string, recipeFile: string, options: FixtureOptions): Promise<RunPlayer> {
    await makeFixtureRun(directory, recipeFile);
    const paths = runPaths(directory);
    const lock = await lockRun(paths, (error) => {
      throw error;
    });
    return new RunPlayer(directory, EventLog.open(paths.events), lock, fixtureEvents(options));
  }

  /** Appends events, `delayMs` apart, until `until` holds for one just written or none is left. */
  async play(delayMs: number, until: (payload: EventPayload) => boolean = () => false): Promise<void> {
    for (let step = this.rest.shift(); step !== undefined; step = this.rest.shift()) {
      this.log.append(step.payload, step.stage);
      if (step.payload.kind === "run" && step.payload.status === "completed") await writeOutcome(this.directory);
      if (until(step.payload)) return;
      await sleep(delayMs);
    }
  }

  /** Lets go of the run, as a runner does when it ends or dies. */
  async end(): Promise<void> {
    this.log.close();
    await this.lock.release();
  }
}
