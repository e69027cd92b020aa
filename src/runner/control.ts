/** Requests to a running run: empty files in its `control/` folder, taken up by the runner and the worker. */
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ControlRequest } from "../protocol/stages.js";

/** Asks the run to pause, stop or write a checkpoint. */
export async function requestControl(controlDirectory: string, request: ControlRequest): Promise<void> {
  await mkdir(controlDirectory, { recursive: true });
  await writeFile(join(controlDirectory, request), "");
}

/** What was asked for: stop goes before pause. `checkpoint` is the worker's business alone. */
export function pendingInterrupt(controlDirectory: string): "pause" | "stop" | null {
  if (existsSync(join(controlDirectory, "stop"))) return "stop";
  if (existsSync(join(controlDirectory, "pause"))) return "pause";
  return null;
}

/** Forgets every request; a runner does so when it starts and when it ends. */
export async function clearControl(controlDirectory: string): Promise<void> {
  await Promise.all((["pause", "stop", "checkpoint"] as const).map((request) => rm(join(controlDirectory, request), { force: true })));
}
