/**
 * The sessions of a run: how long they worked, and what becomes of a run that had completed when another one, an
 * evaluation or an export, works on it.
 */
import type { RunSnapshot, RunStatus } from "./runSnapshot.js";
import { followUpStages, type FollowUpStage, type StageName } from "./stages.js";

/** An evaluation or an export that was begun on a completed run. One that succeeds leaves none. */
export interface FollowUp {
  /** Null where the history does not say: it was refused before any stage began. */
  readonly stage: FollowUpStage | null;
  readonly status: "running" | "failed" | "stopped" | "interrupted";
}

/** What a completed run keeps while another session works on it. */
export function begun(state: RunSnapshot, stage: FollowUpStage | null): Pick<RunSnapshot, "completedStages" | "followUp"> {
  const completedStages = state.status === "completed" ? state.stages : state.completedStages;
  if (completedStages === null) return { completedStages, followUp: null };
  // Going on with what was paused or interrupted is the same work still.
  const before = state.status === "completed" ? null : (state.followUp?.stage ?? null);
  return { completedStages, followUp: { stage: stage ?? before, status: "running" } };
}

/** The run without a session. `time`: when its last one ended. */
export function closed(state: RunSnapshot, time: number): RunSnapshot {
  return { ...state, pid: null, workedBefore: workedMilliseconds(state, time), sessionStartedAt: null };
}

/**
 * A run that has completed stays completed when an evaluation or an export of it later fails or is stopped: its results
 * are still there. `followUp` and `error` tell what failed.
 */
export function ended(state: RunSnapshot, status: Exclude<RunStatus, "running"> | "interrupted"): RunSnapshot {
  if (status === "completed") return { ...state, status, currentStage: null, completedStages: null, followUp: null };
  if (state.completedStages === null || status === "paused") return { ...state, status: status === "interrupted" ? "stopped" : status };
  return {
    ...state,
    status: "completed",
    currentStage: null,
    stages: state.completedStages,
    completedStages: null,
    followUp: { stage: begunStage(state), status },
  };
}

/** What a session was about: what it said at its start, else the stage that it began or that failed. */
function begunStage({ followUp, currentStage, error, stages }: RunSnapshot): FollowUpStage | null {
  const stage = followUp?.stage ?? currentStage ?? error?.stage ?? null;
  if (isFollowUp(stage)) return stage;
  // Before sessions said what they were about: one that passed the evaluation over had the export before it.
  const passed = stages.some(({ name, status }) => name === "evaluate" && (status === "cached" || status === "skipped"));
  return stage === null && passed ? "export" : null;
}

/**
 * What a follow-up was where its history does not say, told by the stages that the run is about (run.json).
 * @param only undefined: the run is about all stages
 */
export function named(followUp: FollowUp | null, only: readonly StageName[] | undefined): FollowUp | null {
  if (followUp?.stage !== null) return followUp;
  const possible = (only ?? []).filter(isFollowUp);
  const [stage] = possible;
  return stage === undefined || possible.length > 1 ? followUp : { ...followUp, stage };
}

export function isFollowUp(stage: StageName | null): stage is FollowUpStage {
  return followUpStages.some((name) => name === stage);
}

/**
 * Milliseconds that the runner worked on the run, all sessions together without the time between them.
 * @param now in a session that goes on, it counts until then; milliseconds since the epoch
 */
export function workedMilliseconds(run: RunSnapshot, now: number): number {
  return run.workedBefore + (run.sessionStartedAt === null ? 0 : Math.max(0, now - run.sessionStartedAt));
}
