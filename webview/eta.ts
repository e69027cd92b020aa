/** How long the running stage will still take, from its pace, and the stages after it, from what they took in earlier runs. */
import type { StageName } from "../src/protocol/stages.js";
import type { RunSnapshot, StageSnapshot } from "../src/protocol/runSnapshot.js";
import type { SeriesBuffer } from "./charts/seriesBuffer.js";

interface Sample {
  readonly time: number;
  readonly done: number;
}

/** Estimates from the pace of the last minute, so that a resumed stage does not count work it never did. */
export class RemainingTime {
  #stage = "";
  #samples: Sample[] = [];

  /** Takes in a snapshot; cheap enough for every message. */
  observe(run: RunSnapshot): void {
    const stage = current(run);
    const key = stage === undefined ? "" : `${stage.name}@${String(stage.startedAt)}`;
    if (key !== this.#stage) this.#samples = [];
    this.#stage = key;
    if (stage?.progress == null || run.updatedAt === null) return;
    const newest = this.#samples.at(-1);
    if (newest !== undefined && (newest.time === run.updatedAt || newest.done > stage.progress.done)) {
      if (newest.done > stage.progress.done) this.#samples = [];
      return;
    }
    this.#samples.push({ time: run.updatedAt, done: stage.progress.done });
    const horizon = run.updatedAt - 60_000;
    while (this.#samples.length > 2 && (this.#samples[0]?.time ?? 0) < horizon) this.#samples.shift();
  }

  /** Seconds left in the running stage; NaN where it cannot be told. */
  seconds(run: RunSnapshot, series: SeriesBuffer | undefined): number {
    const stage = current(run);
    if (run.status !== "running" || stage?.progress == null) return NaN;
    const left = stage.progress.total - stage.progress.done;
    if (left < 0) return NaN;
    const trained = series?.pace() ?? NaN;
    if (trained > 0) return left / trained / 1000;
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first !== undefined && last !== undefined && last.done > first.done) {
      return ((last.time - first.time) / (last.done - first.done)) * left * 0.001;
    }
    // Seen for the first time: all there is to go by is how long the stage has been running.
    if (stage.startedAt === null || run.updatedAt === null || stage.progress.done <= 0) return NaN;
    return ((run.updatedAt - stage.startedAt) / stage.progress.done) * left * 0.001;
  }
}

export interface RemainingWork {
  /** Seconds left in the running stage; NaN where it cannot be told. */
  readonly stage: number;
  /** Seconds left in all; NaN where any stage to come has never been timed. */
  readonly whole: number;
}

/** Adds what the stages to come took before. `stageSeconds`: left in the running stage, NaN where unknown. */
export function remainingWork(
  run: RunSnapshot,
  stageSeconds: number,
  expected: Readonly<Partial<Record<StageName, number>>>,
): RemainingWork {
  const waiting = run.stages.filter(({ status }) => status === "waiting");
  const later = waiting.reduce((sum, { name }) => sum + (expected[name] ?? NaN), 0);
  return { stage: stageSeconds, whole: stageSeconds + later };
}

function current(run: RunSnapshot): StageSnapshot | undefined {
  return run.stages.find((stage) => stage.name === run.currentStage);
}
