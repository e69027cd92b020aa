/** How faults that nobody waits for reach the log: with their stack where they have one. */
import type * as vscode from "vscode";

export function logError(log: vscode.LogOutputChannel, error: unknown): void {
  log.error(error instanceof Error ? error : String(error));
}

/** Work that nobody waits for; what it throws is logged, never lost. */
export function inBackground(log: vscode.LogOutputChannel, work: Thenable<unknown>): void {
  work.then(undefined, (error: unknown) => logError(log, error));
}
