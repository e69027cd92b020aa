/** Runs a study: every open run, several at once, each told and written down as soon as it is there. */
import { mkdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { RunEvent } from "../protocol/events.js";
import { exitCode, UserError } from "../protocol/errors.js";
import type { Agreement, StudyCell } from "../protocol/studyResults.js";
import { describeFault, asUserError } from "../runner/faults.js";
import { lockRun } from "../runner/lock.js";
import { preflight } from "../runner/preflight.js";
import { readRun, runPaths, writeRun } from "../runner/runDirectory.js";
import { runSession } from "../runner/session.js";
import { Interrupted } from "../runner/stage.js";
import { allStages } from "../runner/stages/index.js";
import type { WorkerProgram } from "../runner/worker.js";
import { agreements } from "./agreement.js";
import { dropLarge, finishedCell, keepOutcome, makeCell, stagesUntil, type Cell } from "./cells.js";
import { expandStudy, type CellPlan } from "./expand.js";
import type { LoadedStudy } from "./load.js";
import { readOutcome, type Outcome } from "./outcome.js";
import { inPool } from "./pool.js";
import { writeStudy } from "./writeStudy.js";

export interface StudyOptions {
  readonly loaded: LoadedStudy;
  /** Folder of the study's own files. */
  readonly directory: string;
  /** Folder of its runs, which other studies may share. */
  readonly runs: string;
  readonly jobs: number;
  readonly program: WorkerProgram;
  /** Told of every run of the study at its beginning and end, with how many are done. */
  onCell(cell: StudyCell, done: number, total: number): void;
  onEvent(cell: StudyCell, event: RunEvent): void;
}

/**
 * @throws UserError: with every problem of the study before anything starts; at the end, when runs have failed.
 * @throws Interrupted after pause, stop or a signal: starting it again goes on.
 */
export async function runStudy(options: StudyOptions): Promise<void> {
  // An impossible study leaves nothing on disk.
  const plans = expandStudy(options.loaded.recipe, options.loaded.study, options.loaded.name);
  await mkdir(options.directory, { recursive: true });
  const lost: { error: Error | null } = { error: null };
  const lock = await lockRun(runPaths(options.directory), (error) => (lost.error = error));
  try {
    await new StudyRun(options, await prepareCells(options, plans), () => lost.error !== null).run();
    if (lost.error !== null) throw lost.error;
  } finally {
    await lock.release();
  }
}

/** Checks every run of the study; nothing is started when one is impossible. */
async function prepareCells({ loaded, runs, program }: StudyOptions, plans: readonly CellPlan[]): Promise<Cell[]> {
  const { study, recipeFile: file } = loaded;
  const recipeDirectory = dirname(file);
  await mkdir(runs, { recursive: true });
  const session = { emit: () => undefined, abort: new AbortController().signal };
  const cells: Cell[] = [];
  for (const plan of plans) {
    const cache = join(runs, ".inspect");
    const models = await preflight({ file, directory: recipeDirectory, recipe: plan.recipe, program, cache, ...session });
    cells.push(await makeCell(plan, models, { recipeDirectory, runs, until: study.until }));
  }
  return cells;
}

/** A study at work. */
class StudyRun {
  private readonly states: Map<Cell, StudyCell>;
  private readonly own = new Set<Cell>();
  private interrupted: Interrupted | null = null;
  private agreement: Agreement[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: StudyOptions,
    private readonly cells: readonly Cell[],
    private readonly isLost: () => boolean,
  ) {
    this.states = new Map(cells.map((cell) => [cell, this.state(cell, cell.directory, "open")]));
  }

  async run(): Promise<void> {
    const { jobs, loaded } = this.options;
    for (const cell of this.cells) {
      const known = await finishedCell(this.options.runs, cell);
      if (known !== null) this.done(cell, join(this.options.runs, known.run), known.outcome);
    }
    await this.write();
    const open = this.cells.filter((cell) => this.states.get(cell)?.status === "open");
    await inPool(
      open,
      jobs,
      () => this.interrupted !== null || this.isLost(),
      (cell) => this.work(cell),
    );
    if (this.interrupted !== null) throw this.interrupted;
    if (loaded.study.until !== "evaluate") this.agreement = await this.agreements();
    await this.write();
    const failed = [...this.states.values()].filter(({ status }) => status === "failed");
    if (failed.length > 0) throw runsFailed(failed, this.cells.length);
  }

  private async work(cell: Cell): Promise<void> {
    const { study, recipeFile } = this.options.loaded;
    const begun = this.state(cell, cell.directory, "open");
    this.tell(begun);
    try {
      await runSession({
        directory: cell.directory,
        stages: allStages,
        only: stagesUntil(study.until),
        onEvent: (event) => this.options.onEvent(begun, event),
        prepare: async () => {
          await writeRun(cell.directory, recipeFile, cell.plan.recipe);
          return { recipe: cell.plan.recipe, recipeDirectory: dirname(recipeFile), models: cell.models, program: this.options.program };
        },
      });
      const outcome = await readOutcome(runPaths(cell.directory), cell.plan.recipe, cell.models);
      await keepOutcome(this.options.runs, cell, basename(cell.directory), outcome);
      this.own.add(cell);
      this.done(cell, cell.directory, outcome);
      if (!study.keepModels)
        await dropLarge(
          [...this.own],
          this.cells.filter((other) => this.states.get(other)?.status === "open"),
        );
    } catch (error) {
      if (error instanceof Interrupted) {
        this.interrupted = error;
        return;
      }
      const { code, remedy, message } = asUserError(error);
      const told = error instanceof UserError ? describeFault(error) : message;
      this.states.set(cell, { ...this.state(cell, cell.directory, "failed"), error: { code, message: told, remedy } });
    }
    const state = this.states.get(cell);
    if (state !== undefined) this.tell(state);
    await this.write();
  }

  private state(cell: Cell, directory: string, status: StudyCell["status"]): StudyCell {
    const { row, seed, changes } = cell.plan;
    return { row, seed, changes: { ...changes }, run: relative(this.options.directory, directory).replaceAll("\\", "/"), status };
  }

  private done(cell: Cell, directory: string, outcome: Outcome): void {
    this.states.set(cell, { ...this.state(cell, directory, "done"), ...outcome });
  }

  private tell(state: StudyCell): void {
    const done = [...this.states.values()].filter(({ status }) => status === "done").length;
    this.options.onCell(state, done, this.cells.length);
  }

  /** Runs whose scores are still there: those of this folder that this study names. */
  private async agreements(): Promise<Agreement[]> {
    const scored = [];
    for (const { row, seed, run, status } of this.states.values()) {
      const directory = join(this.options.directory, run);
      if (status === "done" && (await isRun(directory))) scored.push({ row, seed, directory });
    }
    return agreements(scored);
  }

  /** One writer at a time, the newest state each. */
  private async write(): Promise<void> {
    const { directory, loaded } = this.options;
    this.writing = this.writing.then(() => writeStudy(directory, loaded, [...this.states.values()], this.agreement));
    await this.writing;
  }
}

async function isRun(directory: string): Promise<boolean> {
  try {
    await readRun(directory);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function runsFailed(failed: readonly StudyCell[], total: number): UserError {
  const codes = new Set(failed.map(({ error }) => error?.code));
  return new UserError(
    "study-incomplete",
    `${String(failed.length)} of ${String(total)} runs of the study failed (${[...codes].join(", ")}); the others are in its report.`,
    "Mend the cause and start the study again: what is done is not done anew.",
    exitCode.worker,
    failed.map(({ row, seed, error }) => ({ path: `${row}, seed ${String(seed)}`, message: error?.message ?? "" })),
  );
}
