/** `longrecipe study FILE`: a recipe run with every combination of a study's changes, and the runs compared. */
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { exitCode, UserError } from "../../protocol/errors.js";
import type { StudyCell } from "../../protocol/studyResults.js";
import { loadStudy } from "../../study/load.js";
import { studyFiles, studyPlaces } from "../../study/places.js";
import { runStudy } from "../../study/runStudy.js";
import { Interrupted } from "../stage.js";
import { findWorker, type CommonOptions } from "./context.js";
import { LineDisplay } from "./progress.js";

export interface StudyCommandOptions extends CommonOptions {
  readonly run?: string | undefined;
  readonly jobs?: string | undefined;
}

export async function study(file: string, options: StudyCommandOptions): Promise<void> {
  const jobs = jobCount(options.jobs);
  const loaded = await loadStudy(file);
  const { directory, runs } = studyPlaces(loaded, options.run);
  shareProcessors(jobs);
  const program = await findWorker(options);
  const display = options.json === true ? jsonDisplay() : lineDisplay();
  if (options.json !== true) console.error(`Study: ${directory}`);
  try {
    await runStudy({ loaded, directory, runs, jobs, program, ...display });
  } catch (error) {
    if (error instanceof Interrupted && options.json !== true) console.error("Start the study again to go on where it was.");
    throw error;
  }
  const report = join(directory, studyFiles.html);
  if (options.json === true) console.log(JSON.stringify({ directory, report, results: join(directory, studyFiles.results) }));
  else console.log(`The study is complete: ${report}`);
}

function jobCount(jobs: string | undefined): number {
  const count = Number(jobs ?? 1);
  if (Number.isInteger(count) && count > 0) return count;
  throw new UserError(
    "bad-jobs",
    `--jobs ${jobs ?? ""} is not a number of runs.`,
    "Name a whole number, such as --jobs 2.",
    exitCode.badInput,
  );
}

/** Several runs at once share the processors rather than fight for them. What was set by hand stays. */
function shareProcessors(jobs: number): void {
  if (jobs > 1) process.env["OMP_NUM_THREADS"] ??= String(Math.max(1, Math.floor(availableParallelism() / jobs)));
}

type Display = Pick<Parameters<typeof runStudy>[0], "onCell" | "onEvent">;

function jsonDisplay(): Display {
  return {
    onCell: (cell, done, total) => console.log(JSON.stringify({ kind: "cell", done, total, cell })),
    onEvent: ({ row, seed }, event) => console.log(JSON.stringify({ kind: "event", row, seed, event })),
  };
}

/** One line when a run begins and ends, and now and then its progress. */
function lineDisplay(): Display {
  const displays = new Map<string, LineDisplay>();
  return {
    onCell: (cell, done, total) => {
      console.log(`[${String(done)}/${String(total)}] ${nameOf(cell)}: ${stateText(cell)}`);
    },
    onEvent: (cell, event) => {
      if (event.kind !== "progress" && event.kind !== "metric" && !(event.kind === "log" && event.level === "warning")) return;
      const name = nameOf(cell);
      const display = displays.get(name) ?? new LineDisplay((line) => console.log(`    ${name}: ${line.trim()}`), 30_000);
      displays.set(name, display);
      display.show(event);
    },
  };
}

function nameOf({ row, seed }: StudyCell): string {
  return `${row}, seed ${String(seed)}`;
}

function stateText({ status, error, run }: StudyCell): string {
  if (status === "done") return "done";
  return status === "failed" ? `failed: ${error?.message ?? ""}` : `begins in ${relative("", run)}`;
}
