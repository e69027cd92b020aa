/** `longrecipe status RUN`, `runs`: what the history of a run says, and whether anybody still works on it. */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunSnapshot, StageSnapshot } from "../../protocol/runSnapshot.js";
import { reduceRun, snapshotOf } from "../../protocol/runSnapshot.js";
import { runEventTail } from "../eventTail.js";
import { liveOwner } from "../lock.js";
import { findRuns, readRun, runPaths, type RunFile } from "../runDirectory.js";
import type { CommonOptions } from "./context.js";
import { LineDisplay } from "./progress.js";
import { formatDuration } from "./rate.js";

/** A run's status as told to people: that of its history, or `interrupted` when its runner is gone without a word. */
export type ShownStatus = RunSnapshot["status"] | "interrupted";

/** @param alive whether a runner works on the run right now */
export function shownStatus(snapshot: RunSnapshot, alive: boolean): ShownStatus {
  return snapshot.status === "running" && !alive ? "interrupted" : snapshot.status;
}

export async function status(run: string, options: CommonOptions & { readonly follow?: boolean | undefined }): Promise<void> {
  const directory = resolve(run);
  const file = await readRun(directory);
  const paths = runPaths(directory);
  const tail = runEventTail(paths.events);
  let snapshot = snapshotOf(await tail.read());
  let alive = (await liveOwner(paths)) !== null;
  if (!options.json) console.log(statusText(directory, file, snapshot, shownStatus(snapshot, alive)));
  if (options.follow) {
    const display = new LineDisplay((line) => console.log(line), 2000);
    while (alive) {
      await sleep(500);
      alive = (await liveOwner(paths)) !== null;
      for (const event of await tail.read()) {
        snapshot = reduceRun(snapshot, event);
        if (options.json) console.log(JSON.stringify(event));
        else display.show(event);
      }
    }
    if (!options.json) console.log(statusText(directory, file, snapshot, shownStatus(snapshot, alive)));
  }
  const unreadableLines = tail.malformed;
  if (options.json) console.log(JSON.stringify({ directory, ...file, ...snapshot, status: shownStatus(snapshot, alive), unreadableLines }));
  else if (unreadableLines > 0) console.log(`${String(unreadableLines)} lines of events.jsonl are damaged and were left out.`);
}

export async function runs(folder: string, options: CommonOptions): Promise<void> {
  const found = await Promise.all(
    (await findRuns(resolve(folder))).map(async ({ directory, run }) => {
      const paths = runPaths(directory);
      const snapshot = snapshotOf(await runEventTail(paths.events).read());
      const shown = shownStatus(snapshot, (await liveOwner(paths)) !== null);
      return { directory, ...run, status: shown, fraction: snapshot.fraction };
    }),
  );
  if (options.json) console.log(JSON.stringify(found));
  else if (found.length === 0) console.log(`No runs in ${resolve(folder)}.`);
  else for (const run of found) console.log(`${run.status.padEnd(11)} ${percent(run.fraction)}  ${run.directory}`);
}

/** The state of a run in a dozen lines. */
export function statusText(directory: string, file: RunFile, snapshot: RunSnapshot, shown: ShownStatus): string {
  const head = `${file.name}: ${shown}, ${percent(snapshot.fraction).trim()} (${file.model} to ${String(file.targetLength)} tokens)`;
  return [head, ...snapshot.stages.map(stageLine), ...closing(directory, snapshot, shown)].join("\n");
}

function stageLine(stage: StageSnapshot): string {
  const progress =
    stage.status === "running" && stage.progress
      ? ` ${String(stage.progress.done)}/${String(stage.progress.total)} ${stage.progress.unit}`
      : "";
  const took = stage.seconds === null ? "" : ` ${formatDuration(stage.seconds)}`;
  return `  ${stage.name.padEnd(13)}${stage.status}${took}${progress}${stage.detail === null ? "" : `  ${stage.detail}`}`.trimEnd();
}

function closing(directory: string, snapshot: RunSnapshot, shown: ShownStatus): string[] {
  const lines = Object.entries(snapshot.results).map(([name, path]) => `${name}: ${path}`);
  if (snapshot.error) lines.push(`error: ${snapshot.error.message}`, `what to do: ${snapshot.error.remedy}`);
  if (shown !== "running" && shown !== "completed") lines.push(`${shown}: resume with  longrecipe resume ${JSON.stringify(directory)}`);
  return lines;
}

function percent(fraction: number): string {
  return `${String(Math.round(100 * fraction)).padStart(3)} %`;
}
