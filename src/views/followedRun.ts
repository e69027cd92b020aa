/** One run on disk, followed: its history read on and on, folded into what is shown. Knows nothing of VS Code. */
import { existsSync } from "node:fs";
import type { RunEvent } from "../protocol/events.js";
import { emptySnapshot, reduceRun, shownRun, shownStatus, type RunSnapshot, type RunStatus } from "../protocol/runSnapshot.js";
import { runEventTail } from "../runner/eventTail.js";
import { liveOwner } from "../runner/lock.js";
import { isAlive, type ProcessIdentity } from "../runner/processes.js";
import { runPaths, type FoundRun, type RunFile, type RunPaths } from "../runner/runDirectory.js";
import { RunSeries } from "./series.js";

/** What people see: `starting` has no events yet; `interrupted` says it runs, but its runner is gone. */
export type ShownStatus = RunStatus | "starting" | "interrupted";

export class FollowedRun {
  readonly directory: string;
  readonly paths: RunPaths;
  readonly run: RunFile;
  readonly series = new RunSeries();
  snapshot: RunSnapshot = emptySnapshot;
  status: ShownStatus = "starting";
  /** Which event told the newest fault, and when (milliseconds since the epoch). */
  faultEvent: { readonly seq: number; readonly time: number } | null = null;
  /** The events that the last refresh brought. */
  fresh: readonly RunEvent[] = [];
  hasReport = false;
  hasCheckpoint = false;

  private readonly tail;
  private launched: { readonly runner: ProcessIdentity; readonly afterSeq: number } | null = null;
  private reading: Promise<boolean> | null = null;

  constructor({ directory, run }: FoundRun) {
    this.directory = directory;
    this.run = run;
    this.paths = runPaths(directory);
    this.tail = runEventTail(this.paths.events);
  }

  /** The runner was started just now and has perhaps not yet taken the lock. */
  wasLaunched(runner: ProcessIdentity): void {
    this.launched = { runner, afterSeq: this.snapshot.lastSeq };
    this.status = "starting";
  }

  /** Lines of the history that are no events; they are left out of everything that is shown. */
  get malformedLines(): number {
    return this.tail.malformed;
  }

  /** Whether work goes on: such a run is read often. */
  get isActive(): boolean {
    return this.status === "running" || this.status === "starting";
  }

  /** Whether `resume` makes sense. */
  get isResumable(): boolean {
    return this.status === "paused" || this.status === "stopped" || this.status === "failed" || this.status === "interrupted";
  }

  /** Its state as people see it: the history of a run whose runner is gone without a word says that it runs. */
  get shown(): RunSnapshot {
    return shownRun(this.snapshot, this.isActive, this.run.only);
  }

  /** What the newest evaluation wrote; one that was begun again has taken it away, but for what the one before it published. */
  get resultsFile(): string {
    const told = this.snapshot.results["results"];
    return told !== undefined && existsSync(told) ? told : this.paths.results;
  }

  /** Reads what is new. Whether anything that is shown has changed. Overlapping calls share one reading. */
  refresh(): Promise<boolean> {
    this.reading ??= this.read().finally(() => (this.reading = null));
    return this.reading;
  }

  private async read(): Promise<boolean> {
    const before = { status: this.status, report: this.hasReport, checkpoint: this.hasCheckpoint, malformed: this.malformedLines };
    const events = await this.tail.read();
    for (const event of events) this.take(event);
    this.fresh = events;
    if (events.length > 0 || this.isActive) this.status = await this.currentStatus();
    this.hasReport = existsSync(this.paths.reportMarkdown);
    this.hasCheckpoint = existsSync(this.paths.merged);
    return (
      events.length > 0 ||
      before.status !== this.status ||
      before.report !== this.hasReport ||
      before.checkpoint !== this.hasCheckpoint ||
      before.malformed !== this.malformedLines
    );
  }

  private take(event: RunEvent): void {
    this.snapshot = reduceRun(this.snapshot, event);
    this.series.add(event);
    if (event.kind === "error") this.faultEvent = { seq: event.seq, time: event.time };
  }

  private async currentStatus(): Promise<ShownStatus> {
    const { snapshot, launched } = this;
    const starting = launched !== null && launched.afterSeq === snapshot.lastSeq && isAlive(launched.runner);
    if (starting) return "starting";
    if (snapshot.lastSeq >= 0 && snapshot.status !== "running") return snapshot.status;
    const alive = (await liveOwner(this.paths)) !== null;
    return alive && snapshot.lastSeq < 0 ? "starting" : shownStatus(snapshot, alive);
  }
}
