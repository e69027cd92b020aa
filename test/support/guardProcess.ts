/** The second process of guard.ts. It does nothing until the first one is gone. */
import { rm } from "node:fs/promises";
import type { Guarded } from "./guard.js";
import { killAll, killGroup, markedProcesses } from "./processes.js";

let guarded: Guarded = { groups: [], markers: [], directories: [] };

process.on("message", (message: Guarded) => (guarded = message));

process.once("disconnect", () => void cleanUp());

async function cleanUp(): Promise<void> {
  guarded.groups.forEach(killGroup);
  for (const marker of guarded.markers) {
    killAll(await markedProcesses(marker));
  }
  for (const directory of guarded.directories) {
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}
