/** SIGTERM (a scheduler's warning), SIGINT (Ctrl+C) and SIGHUP (a closed terminal) ask the run to pause. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The first signal leaves a pause request, so that a checkpoint is written; the second ends the worker at once.
 * @returns `release` gives the signals back to whoever had them.
 */
export function catchSignals(controlDirectory: string, abort: AbortController): { release(): void } {
  let first = true;
  const onSignal = (): void => {
    if (!first) {
      abort.abort();
      return;
    }
    first = false;
    console.error("Writing a checkpoint, then ending. Press Ctrl+C again to end at once.");
    mkdirSync(controlDirectory, { recursive: true });
    writeFileSync(join(controlDirectory, "pause"), "");
  };
  for (const name of names) process.on(name, onSignal);
  return {
    release: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
