/** What it means that a worker process ended, and what a person is told. */
import { exitCode, UserError, type ExitCode } from "../protocol/errors.js";
import { workerExit } from "../protocol/jobs.js";

export interface WorkerEnd {
  /** null when it was ended by a signal. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last error event it wrote. */
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null;
  /** The end of what it printed. */
  readonly lastLines: string;
  readonly logFile: string;
}

/** @returns null for a worker that did its job or ended on request, else the fault to tell. */
export function workerFault(end: WorkerEnd): UserError | null {
  if (end.exitCode === workerExit.done || end.exitCode === workerExit.interrupted) return null;
  if (end.exitCode === null) return killed(end);
  const exit: ExitCode = end.exitCode === workerExit.badInput ? exitCode.badInput : exitCode.worker;
  if (end.error) return new UserError(end.error.code, end.error.message, end.error.remedy, exit);
  return new UserError("worker-crashed", `The worker ended with code ${String(end.exitCode)}. ${quoted(end)}`, seeLog(end), exit);
}

function killed(end: WorkerEnd): UserError {
  if (end.signal === "SIGKILL") {
    return new UserError(
      "worker-killed",
      "The worker was killed (SIGKILL). Most often the system does this when memory runs out.",
      "Lower `training.microBatchSize` or `trainedLength`, keep `training.gradientCheckpointing` on, or close other programs; then resume the run.",
      exitCode.worker,
    );
  }
  return new UserError(
    "worker-killed",
    `The worker was ended by ${end.signal ?? "an unknown signal"}. ${quoted(end)}`,
    `Resume the run to go on from the last checkpoint. ${seeLog(end)}`,
    exitCode.worker,
  );
}

function quoted(end: WorkerEnd): string {
  return end.lastLines === "" ? "It printed nothing." : `It printed last:\n${end.lastLines}`;
}

function seeLog(end: WorkerEnd): string {
  return `Its whole output is in ${end.logFile}.`;
}
