/** One runner at work on one run: lock, history, requests and signals, pipeline, and the end of it, whatever it is. */
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { EventPayload, RunEvent } from "../protocol/events.js";
import { exitCode } from "../protocol/errors.js";
import type { Recipe } from "../protocol/recipe.js";
import type { FollowUpStage, StageName } from "../protocol/stages.js";
import { clearControl, pendingInterrupt } from "./control.js";
import { EventLog } from "./eventLog.js";
import { runEventTail } from "./eventTail.js";
import { asUserError, describeFault, isServerFault, systemCode } from "./faults.js";
import { jobRunner } from "./jobs.js";
import { lockRun } from "./lock.js";
import { runPipeline } from "./pipeline.js";
import { giveReserve, takeReserve } from "./reserve.js";
import { runPaths, type RunPaths } from "./runDirectory.js";
import { catchSignals } from "./signals.js";
import { Interrupted, type ModelFacts, type Stage } from "./stage.js";
import type { WorkerProgram } from "./worker.js";
import { SeenEvents } from "./workerEvents.js";

/** What a session works on, once it was found to be in order. */
export interface Work {
  readonly recipe: Recipe;
  readonly recipeDirectory: string;
  readonly models: ModelFacts;
  readonly program: WorkerProgram;
}

/** What preparing may use. */
export interface PrepareSession {
  emit(event: EventPayload): void;
  readonly abort: AbortSignal;
}

export interface SessionOptions {
  readonly directory: string;
  readonly stages: readonly Stage[];
  readonly only?: ReadonlySet<StageName> | undefined;
  readonly reuse?: ReadonlySet<StageName> | undefined;
  /** What alone is to be done on a run that has its model; told in its history. */
  readonly followUp?: FollowUpStage | undefined;
  /** Called with the lock held: writes run.json, checks the recipe, finds the worker. Its fault is the run's. */
  prepare(session: PrepareSession): Promise<Work>;
  readonly onEvent: (event: RunEvent) => void;
}

/**
 * Works on the run until it is done.
 * @throws UserError (told in the run's history, too); Interrupted after pause, stop or a signal.
 */
export async function runSession(options: SessionOptions): Promise<void> {
  const paths = runPaths(options.directory);
  await mkdir(paths.directory, { recursive: true });
  const abort = new AbortController();
  const lost: { error: Error | null } = { error: null };
  const lock = await lockRun(paths, (error) => {
    lost.error = error;
    abort.abort();
  });
  try {
    await clearControl(paths.control);
    await mkdir(paths.control, { recursive: true });
    const history = await runEventTail(paths.events).read();
    takeReserve(paths.directory);
    const log = EventLog.open(paths.events, options.onEvent);
    const signals = catchSignals(paths.control, abort);
    const failing: { stage: StageName | null } = { stage: null };
    try {
      const status = history.length > 0 ? "resumed" : "started";
      log.append({ kind: "run", status, pid: process.pid, followUp: options.followUp }, null);
      await work(options, paths, log, new SeenEvents(history), abort.signal, failing);
      log.append({ kind: "run", status: "completed", exitCode: exitCode.ok }, null);
    } catch (error) {
      throw ended(paths, log, lost.error ?? error, failing.stage);
    } finally {
      signals.release();
      log.close();
      giveReserve(paths.directory);
    }
  } finally {
    await clearControl(paths.control);
    await lock.release();
  }
}

async function work(
  options: SessionOptions,
  paths: RunPaths,
  log: EventLog,
  seen: SeenEvents,
  abort: AbortSignal,
  failing: { stage: StageName | null },
): Promise<void> {
  const prepared = await options.prepare({ emit: (event) => log.append(event, null), abort });
  const { recipe, recipeDirectory, models, program } = prepared;
  const pipeline = runPipeline({
    stages: options.stages,
    paths,
    recipe,
    recipeDirectory,
    models,
    only: options.only,
    reuse: options.reuse,
    emit: (event, stage) => {
      if (event.kind === "stage" && event.status === "failed") failing.stage = stage;
      log.append(event, stage);
    },
    runJob: jobRunner({ program, paths, recipe, seen, abort, emit: (event, stage, time) => log.append(event, stage, time) }),
    interrupt: () => (abort.aborted ? "pause" : pendingInterrupt(paths.control)),
  });
  try {
    await pipeline;
  } catch (error) {
    // An evaluation whose server is out of reach fails with the results of the other models written.
    if (isServerFault(error)) await publish(paths);
    throw error;
  }
  await publish(paths);
}

/** The end of a run that did not complete, told in its history; returns what to throw. */
function ended(paths: RunPaths, log: EventLog, error: unknown, stage: StageName | null): Error {
  if (error instanceof Interrupted) {
    log.append({ kind: "run", status: error.request === "pause" ? "paused" : "stopped", exitCode: exitCode.interrupted }, null);
    return error;
  }
  const fault = asUserError(error);
  // The stack of what nobody foresaw is for whoever mends it.
  if (fault.exit === exitCode.internal) console.error(error);
  giveReserve(paths.directory);
  log.append({ kind: "error", code: fault.code, message: describeFault(fault), remedy: fault.remedy }, stage);
  log.append({ kind: "run", status: "failed", exitCode: fault.exit }, null);
  return fault;
}

/** Puts what the evaluation wrote where people look for it. */
async function publish(paths: RunPaths): Promise<void> {
  for (const [name, target] of [
    ["results.json", paths.results],
    ["report.md", paths.reportMarkdown],
    ["report.html", paths.reportHtml],
  ] as const) {
    try {
      await copyFile(join(paths.stage("evaluate"), name), target);
    } catch (error) {
      // Not every evaluation writes every form.
      if (systemCode(error) !== "ENOENT") throw error;
    }
  }
}
