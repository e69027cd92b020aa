/** Runs one worker process to its end and passes its events on. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import writeFileAtomic from "write-file-atomic";
import type { EventPayload } from "../protocol/events.js";
import { exitCode, UserError } from "../protocol/errors.js";
import { workerExit, type Job } from "../protocol/jobs.js";
import { pendingInterrupt } from "./control.js";
import { systemCode } from "./faults.js";
import { waitForOrphan } from "./orphan.js";
import { identityOf } from "./processes.js";
import { withoutKeys } from "./server/key.js";
import { Interrupted } from "./stage.js";
import { WorkerEventForwarder, type TranslateEvent } from "./workerEvents.js";
import { workerFault } from "./workerFaults.js";

/** How often the worker's events are looked at, in milliseconds. */
const pollInterval = 100;
/** How much of the worker's output is quoted when it ends without a word of its own. */
const quotedLines = 12;

/** The Python that runs the worker. */
export interface WorkerProgram {
  readonly python: string;
  /** Folder that holds the package longrecipe_worker. */
  readonly packageDirectory: string;
}

export interface WorkerRun {
  readonly job: Job;
  readonly jobFile: string;
  /** Takes what the worker prints. */
  readonly logFile: string;
  /** Where the running worker's process is recorded, so that a later runner can wait for it. */
  readonly recordFile: string;
  /** Whether an earlier runner passed this event on. */
  seen(event: EventPayload, time: number): boolean;
  /** What is told in place of the worker's events; left out: they are, as they are. */
  readonly translate?: TranslateEvent | undefined;
  emit(event: EventPayload, time: number): void;
  /** Ends the worker at once; the work since its last checkpoint is lost. */
  readonly abort: AbortSignal;
}

/**
 * @throws UserError the worker's fault; Interrupted when it ended on request.
 */
export async function runWorker(program: WorkerProgram, run: WorkerRun): Promise<void> {
  await waitForOrphan(run.recordFile, (message) => run.emit({ kind: "log", level: "info", message }, Date.now()), run.abort);
  await writeFileAtomic(run.jobFile, `${JSON.stringify(run.job, null, 2)}\n`);
  const printedBefore = await sizeOf(run.logFile);
  // A stream with a descriptor is handed to the worker itself, whose output so outlives this process.
  const log = createWriteStream(run.logFile, { flags: "a" });
  await once(log, "open");
  const child = execa(program.python, ["-u", "-m", "longrecipe_worker", run.jobFile], {
    cwd: dirname(run.jobFile),
    env: {
      PYTHONPATH: program.packageDirectory,
      PYTHONUTF8: "1",
      // Threads that spin while they wait take the processor from the editor, and from each other when it is busy.
      OMP_WAIT_POLICY: process.env.OMP_WAIT_POLICY ?? "passive",
      // Keys of servers are none of its business, still less of programs that models write.
      ...withoutKeys(process.env),
    },
    stdio: ["ignore", log, log],
    // A group of its own: Ctrl+C reaches the runner alone, which asks for a checkpoint first.
    detached: process.platform !== "win32",
    cleanup: false,
    reject: false,
    windowsHide: true,
    cancelSignal: run.abort,
  });
  log.destroy();
  const events = new WorkerEventForwarder(
    run.job.events,
    (event, time) => run.seen(event, time),
    (event, time) => run.emit(event, time),
    run.translate,
  );
  const state = { running: true };
  const ended = child.finally(() => (state.running = false));
  try {
    if (child.pid !== undefined) await writeFileAtomic(run.recordFile, JSON.stringify(identityOf(child.pid)));
    do {
      await Promise.race([ended, sleep(pollInterval)]);
      await events.forward();
    } while (state.running);
  } catch (error) {
    // Whatever ended the watching (a full disk, say) must not leave the worker behind.
    child.kill("SIGTERM");
    await ended;
    throw error;
  }
  const result = await ended;
  await events.forward();
  events.finish();
  if (child.pid === undefined) throw notStarted(program.python, result.shortMessage ?? "");
  if (run.abort.aborted || result.exitCode === workerExit.interrupted) {
    throw new Interrupted(pendingInterrupt(run.job.control) ?? "pause");
  }
  const fault = workerFault({
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    error: events.error,
    lastLines: await linesFrom(run.logFile, printedBefore),
    logFile: run.logFile,
  });
  if (fault) throw fault;
}

function notStarted(python: string, reason: string): UserError {
  return new UserError(
    "python-not-started",
    `The Python interpreter ${python} could not be started. ${reason}`,
    "Run `longrecipe doctor` to see which Python is used, and set another one with --python or LONGRECIPE_PYTHON.",
    exitCode.environment,
  );
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return 0;
    throw error;
  }
}

/** The last lines of what was written to a file after byte `start`. */
async function linesFrom(file: string, start: number): Promise<string> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const from = Math.max(start, size - 16_384);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - from)), 0, Math.max(0, size - from), from);
    return buffer.subarray(0, bytesRead).toString("utf8").trim().split("\n").slice(-quotedLines).join("\n");
  } finally {
    await handle.close();
  }
}
