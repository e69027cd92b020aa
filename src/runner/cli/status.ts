/** `longrecipe status RUN`, `runs`: what the history of a run says, and whether anybody still works on it. */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { donePercent } from "../../protocol/percent.js";
import type { FollowUp } from "../../protocol/runSessions.js";
import { reduceRun, shownRun, shownStatus, snapshotOf, type RunSnapshot, type StageSnapshot } from "../../protocol/runSnapshot.js";
import type { FollowUpStage } from "../../protocol/stages.js";
import { runEventTail } from "../eventTail.js";
import { liveOwner } from "../lock.js";
import { findRuns, readRun, runPaths, type RunFile } from "../runDirectory.js";
import type { CommonOptions } from "./context.js";
import { LineDisplay } from "./progress.js";
import { formatDuration } from "./rate.js";

/** A run as people see it. */
interface Shown {
  /** `interrupted`: its runner is gone without a word. */
  readonly status: ReturnType<typeof shownStatus>;
  readonly run: RunSnapshot;
}

/** @param alive whether a runner works on the run right now */
export function shown(snapshot: RunSnapshot, alive: boolean, { only }: Pick<RunFile, "only">): Shown {
  return { status: shownStatus(snapshot, alive), run: shownRun(snapshot, alive, only) };
}

export async function status(run: string, options: CommonOptions & { readonly follow?: boolean | undefined }): Promise<void> {
  const directory = resolve(run);
  const file = await readRun(directory);
  const paths = runPaths(directory);
  const tail = runEventTail(paths.events);
  let snapshot = snapshotOf(await tail.read());
  let alive = (await liveOwner(paths)) !== null;
  if (!options.json) console.log(statusText(directory, file, shown(snapshot, alive, file)));
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
    if (!options.json) console.log(statusText(directory, file, shown(snapshot, alive, file)));
  }
  const unreadableLines = tail.malformed;
  const seen = shown(snapshot, alive, file);
  if (options.json) console.log(JSON.stringify({ directory, ...file, ...seen.run, status: seen.status, unreadableLines }));
  else if (unreadableLines > 0) console.log(`${String(unreadableLines)} lines of events.jsonl are damaged and were left out.`);
}

export async function runs(folder: string, options: CommonOptions): Promise<void> {
  const found = await Promise.all(
    (await findRuns(resolve(folder))).map(async ({ directory, run: file }) => {
      const paths = runPaths(directory);
      const snapshot = snapshotOf(await runEventTail(paths.events).read());
      const { status, run } = shown(snapshot, (await liveOwner(paths)) !== null, file);
      return { directory, ...file, status, followUp: run.followUp, fraction: run.fraction };
    }),
  );
  if (options.json) console.log(JSON.stringify(found));
  else if (found.length === 0) console.log(`No runs in ${resolve(folder)}.`);
  else for (const run of found) console.log(runLine(run));
}

interface ListedRun extends Pick<RunSnapshot, "followUp" | "fraction"> {
  readonly directory: string;
  readonly status: Shown["status"];
}

function runLine({ directory, status, followUp, fraction }: ListedRun): string {
  const after = followUpText(followUp);
  return `${status.padEnd(11)} ${donePercent(fraction).padStart(5)}  ${directory}${after === null ? "" : `  (${after})`}`;
}

/** The state of a run in a dozen lines. */
export function statusText(directory: string, file: RunFile, { status, run }: Shown): string {
  const after = followUpText(run.followUp);
  const told = after === null ? status : `${status}, ${after}`;
  const head = `${file.name}: ${told}, ${donePercent(run.fraction)} (${file.model} to ${String(file.targetLength)} tokens)`;
  return [head, ...run.stages.map(stageLine), ...closing(directory, { status, run })].join("\n");
}

function stageLine(stage: StageSnapshot): string {
  const progress =
    stage.status === "running" && stage.progress
      ? ` ${String(stage.progress.done)}/${String(stage.progress.total)} ${stage.progress.unit}`
      : "";
  const took = stage.seconds === null ? "" : ` ${formatDuration(stage.seconds)}`;
  return `  ${stage.name.padEnd(13)}${stage.status}${took}${progress}${stage.detail === null ? "" : `  ${stage.detail}`}`.trimEnd();
}

function closing(directory: string, { status, run }: Shown): string[] {
  const lines = Object.entries(run.results).map(([name, path]) => `${name}: ${path}`);
  if (run.error) lines.push(`error: ${run.error.message}`, `what to do: ${run.error.remedy}`);
  const after = followUpText(run.followUp);
  if (after !== null) lines.push(`${after}: ${again(run.followUp?.stage ?? null, JSON.stringify(directory))}`);
  if (status !== "running" && status !== "completed") lines.push(`${status}: resume with  longrecipe resume ${JSON.stringify(directory)}`);
  return lines;
}

/** "evaluation failed": what was begun on a completed run and came to no end; null where nothing is to be told. */
function followUpText(followUp: FollowUp | null): string | null {
  if (followUp === null || followUp.status === "running") return null;
  return `${followUp.stage === null ? "last action" : nouns[followUp.stage]} ${followUp.status}`;
}

const nouns: Readonly<Record<FollowUpStage, string>> = { evaluate: "evaluation", export: "export" };

/** How it is done again. Resuming would do more: every stage that is not as it was. */
function again(stage: FollowUpStage | null, run: string): string {
  if (stage !== null) return `try again with  longrecipe ${stage} ${run}`;
  return `the history does not say what it was; it is done again with  longrecipe evaluate ${run}  or  longrecipe export ${run}`;
}
