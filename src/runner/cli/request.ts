/** `longrecipe pause|stop RUN`: leaves a request and, unless told not to, waits until the run has ended. */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exitCode, UserError } from "../../protocol/errors.js";
import { shownStatus, snapshotOf } from "../../protocol/runSnapshot.js";
import { requestControl } from "../control.js";
import { EventLog } from "../eventLog.js";
import { runEventTail } from "../eventTail.js";
import { liveOwner, lockRun } from "../lock.js";
import { readRun, runPaths, type RunPaths } from "../runDirectory.js";
import type { CommonOptions } from "./context.js";

export async function request(what: "pause" | "stop", run: string, options: CommonOptions & { readonly wait?: boolean }): Promise<void> {
  const directory = resolve(run);
  await readRun(directory);
  const paths = runPaths(directory);
  if ((await liveOwner(paths)) === null) {
    await withoutRunner(what, paths);
  } else {
    await requestControl(paths.control, what);
    if (options.wait !== false) {
      if (!options.json) console.error("Waiting for the checkpoint.");
      while ((await liveOwner(paths)) !== null) await sleep(200);
    }
  }
  const { status } = snapshotOf(await runEventTail(paths.events).read());
  if (options.json) console.log(JSON.stringify({ directory, status, requested: what }));
  else if (options.wait === false) console.log(`Asked to ${what}.`);
  else console.log(`The run is ${status}.`);
}

/** Nobody works on it. A run that is paused or was cut off can be declared stopped; there is nothing to pause. */
async function withoutRunner(what: "pause" | "stop", paths: RunPaths): Promise<void> {
  const state = shownStatus(snapshotOf(await runEventTail(paths.events).read()), false);
  if (what === "pause" || state === "completed" || state === "failed" || state === "stopped") {
    throw new UserError(
      "not-running",
      `No runner works on ${paths.directory}: the run is ${state}.`,
      state === "completed" ? "There is nothing to do." : "Go on with `longrecipe resume`.",
      exitCode.badInput,
    );
  }
  const lock = await lockRun(paths, () => undefined);
  try {
    const log = EventLog.open(paths.events);
    log.append({ kind: "run", status: "stopped", exitCode: exitCode.interrupted }, null);
    log.close();
  } finally {
    await lock.release();
  }
}
