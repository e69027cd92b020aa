/** The runs that a dashboard lays over its own: which ones, and when their curves must be sent again. */
import type { HostToDashboard } from "../protocol/dashboard.js";
import type { FollowedRun } from "../views/followedRun.js";
import type { RunStore } from "../views/runStore.js";

/** As many colours as charts have beside the run's own. */
const mostCompared = 3;

export class Comparison {
  private runs: readonly FollowedRun[] = [];
  private sent = "";

  constructor(private readonly store: RunStore) {}

  /** Chooses runs by directory; those that are gone are left out. */
  choose(directories: readonly string[]): void {
    this.runs = directories.flatMap((directory) => this.store.get(directory) ?? []).slice(0, mostCompared);
    this.sent = "";
  }

  has(run: FollowedRun): boolean {
    return this.runs.includes(run);
  }

  /** Whole curves of the chosen runs, or null where nothing has changed since they were sent. */
  news(): Extract<HostToDashboard, { type: "compared" }> | null {
    const key = JSON.stringify(this.runs.map((run) => [run.directory, run.series.epoch, [...run.series.cursor().rows]]));
    if (key === this.sent) return null;
    this.sent = key;
    return { type: "compared", runs: this.runs.map((run) => ({ directory: run.directory, series: run.series.all() })) };
  }

  /** Nothing counts as sent any more. */
  forget(): void {
    this.sent = "";
  }
}
