/** A worker whose runner was killed: it writes a checkpoint and ends by itself, and nobody may start beside it. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { exitCode, UserError } from "../protocol/errors.js";
import { systemCode } from "./faults.js";
import { isAlive, processIdentitySchema, type ProcessIdentity } from "./processes.js";

/** How long it may take to end, in milliseconds: a training step on long sequences, and a checkpoint. */
const patience = 900_000;

/**
 * Returns when the worker recorded in `recordFile` is gone.
 * @throws UserError when it does not end.
 */
export async function waitForOrphan(recordFile: string, say: (message: string) => void, abort?: AbortSignal): Promise<void> {
  const worker = await recorded(recordFile);
  if (!worker || !isAlive(worker)) return;
  say(`The worker of an earlier runner (process ${String(worker.pid)}) is still at work; waiting for its checkpoint.`);
  const deadline = Date.now() + patience;
  while (isAlive(worker)) {
    abort?.throwIfAborted();
    if (Date.now() > deadline) {
      throw new UserError(
        "worker-still-running",
        `The worker of an earlier runner (process ${String(worker.pid)}) does not end.`,
        `End process ${String(worker.pid)}, then resume the run.`,
        exitCode.worker,
      );
    }
    await sleep(200);
  }
}

async function recorded(recordFile: string): Promise<ProcessIdentity | null> {
  try {
    return processIdentitySchema.parse(JSON.parse(await readFile(recordFile, "utf8")));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
