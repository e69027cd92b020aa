/**
 * The state of a run, folded from its events: what the tree, the status bar, the dashboard and `longrecipe status` show.
 * A pure reducer, so that a window that was closed sees the same as one that was there.
 */
import type { EventOf, RunEvent } from "./events.js";
import { begun, closed, ended, isFollowUp, named, workedMilliseconds, type FollowUp } from "./runSessions.js";
import { stageNames, type StageName } from "./stages.js";

/** A run that warns at every step must not grow without bound. */
export const mostWarnings = 20;

export type RunStatus = "running" | "paused" | "stopped" | "failed" | "completed";
export type StageStatus = "waiting" | "running" | "cached" | "skipped" | "completed" | "failed";

export interface StageSnapshot {
  readonly name: StageName;
  readonly status: StageStatus;
  /** Share done, 0 to 1; null where the stage reports none. */
  readonly fraction: number | null;
  readonly progress: { readonly done: number; readonly total: number; readonly unit: string; readonly label?: string | undefined } | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number | null;
  /** Seconds it took, once ended. */
  readonly seconds: number | null;
  readonly detail: string | null;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly stage: StageName | null;
}

export interface RunSnapshot {
  readonly status: RunStatus;
  readonly stages: readonly StageSnapshot[];
  readonly currentStage: StageName | null;
  /** Overall share done, 0 to 1, by stages. */
  readonly fraction: number;
  readonly startedAt: number | null;
  /** When the session that goes on began; null where none does. */
  readonly sessionStartedAt: number | null;
  /** Milliseconds that the sessions before it took, without the time between them. */
  readonly workedBefore: number;
  /** The stages of a run that had completed, while nothing but what follows on it (an evaluation, an export) is done again. */
  readonly completedStages: readonly StageSnapshot[] | null;
  /** What goes on, or was not brought to its end, on a run that had completed. */
  readonly followUp: FollowUp | null;
  readonly updatedAt: number | null;
  readonly lastSeq: number;
  readonly pid: number | null;
  readonly device: string | null;
  readonly latest: Readonly<Partial<Record<StageName, EventOf<"metric">>>>;
  readonly checkpoint: { readonly stage: StageName | null; readonly step: number; readonly path: string } | null;
  readonly results: Readonly<Record<string, string>>;
  readonly error: RunError | null;
  readonly diagnoses: readonly EventOf<"diagnosis">[];
  /** What runner and worker warned of, oldest first, each text once; the newest {@link mostWarnings}. */
  readonly warnings: readonly EventOf<"log">[];
  /** Measured while training, oldest first. */
  readonly validations: readonly EventOf<"validation">[];
}

export const emptySnapshot: RunSnapshot = {
  status: "running",
  stages: stageNames.map((name) => ({
    name,
    status: "waiting",
    fraction: null,
    progress: null,
    startedAt: null,
    seconds: null,
    detail: null,
  })),
  currentStage: null,
  fraction: 0,
  startedAt: null,
  sessionStartedAt: null,
  workedBefore: 0,
  completedStages: null,
  followUp: null,
  updatedAt: null,
  lastSeq: -1,
  pid: null,
  device: null,
  latest: {},
  checkpoint: null,
  results: {},
  error: null,
  diagnoses: [],
  warnings: [],
  validations: [],
};

/** Folds one more event into the state. Events must come in order of `seq`; one already seen changes nothing. */
export function reduceRun(state: RunSnapshot, event: RunEvent): RunSnapshot {
  if (event.seq <= state.lastSeq) return state;
  return withFraction({ ...apply(state, event), lastSeq: event.seq, updatedAt: event.time });
}

/** The state after all of `events`. */
export function snapshotOf(events: Iterable<RunEvent>): RunSnapshot {
  let state = emptySnapshot;
  for (const event of events) state = reduceRun(state, event);
  return state;
}

function apply(state: RunSnapshot, event: RunEvent): RunSnapshot {
  switch (event.kind) {
    case "run":
      return applyRun(state, event);
    case "stage":
      return applyStage(state, event);
    case "progress":
      return updateStage(state, event.stage, { progress: event, fraction: event.total > 0 ? event.done / event.total : null });
    case "metric":
      if (event.stage === null) return state;
      return updateStage({ ...state, latest: { ...state.latest, [event.stage]: event } }, event.stage, {
        progress: { done: event.step, total: event.totalSteps, unit: "steps" },
        fraction: event.totalSteps > 0 ? event.step / event.totalSteps : null,
      });
    case "checkpoint":
      return { ...state, checkpoint: { stage: event.stage, step: event.step, path: event.path } };
    case "device":
      return { ...state, device: `${event.name} (${event.device}, ${event.precision})` };
    case "error":
      return { ...state, error: { code: event.code, message: event.message, remedy: event.remedy, stage: event.stage } };
    case "result":
      return { ...state, results: { ...state.results, [event.name]: event.path } };
    case "diagnosis":
      return { ...state, diagnoses: [...state.diagnoses, event] };
    case "validation":
      // A resumed training measures again what came after its checkpoint.
      return {
        ...state,
        validations: [...state.validations.filter(({ stage, step }) => stage !== event.stage || step < event.step), event],
      };
    case "log":
      return event.level === "warning" || event.level === "error" ? withWarning(state, event) : state;
  }
}

function withWarning(state: RunSnapshot, event: EventOf<"log">): RunSnapshot {
  const others = state.warnings.filter(({ message }) => message !== event.message);
  return { ...state, warnings: [...others, event].slice(-mostWarnings) };
}

function applyRun(state: RunSnapshot, event: EventOf<"run">): RunSnapshot {
  switch (event.status) {
    case "started":
    case "resumed":
      return {
        ...state,
        status: "running",
        error: null,
        pid: event.pid ?? null,
        startedAt: state.startedAt ?? event.time,
        // A session whose runner was killed ended, as far as anyone knows, with its last event.
        workedBefore: workedMilliseconds(state, state.updatedAt ?? event.time),
        sessionStartedAt: event.time,
        ...begun(state, event.followUp ?? null),
        stages: emptySnapshot.stages,
        currentStage: null,
      };
    default:
      return closed(ended(state, event.status), event.time);
  }
}

/** The state of a run that says of itself that it runs, although its runner is gone: it ended with its last event. */
export function abandoned(run: RunSnapshot): RunSnapshot {
  return run.status === "running" ? withFraction(closed(ended(run, "interrupted"), run.updatedAt ?? 0)) : run;
}

/** A run's status as people are told it: `interrupted` where it says that it runs, and its runner is gone. */
export function shownStatus(run: RunSnapshot, alive: boolean): RunStatus | "interrupted" {
  if (run.status !== "running" || alive) return run.status;
  return abandoned(run).status === "completed" ? "completed" : "interrupted";
}

/**
 * A run's state as people see it.
 * @param alive whether a runner works on it right now
 * @param only the stages that it is about; undefined: all
 */
export function shownRun(run: RunSnapshot, alive: boolean, only: readonly StageName[] | undefined): RunSnapshot {
  const state = alive ? run : abandoned(run);
  const followUp = named(state.followUp, only);
  return followUp === state.followUp ? state : { ...state, followUp };
}

function applyStage(state: RunSnapshot, event: EventOf<"stage">): RunSnapshot {
  if (event.stage === null) return state;
  const detail = event.detail ?? null;
  if (event.status === "started" || event.status === "cached") {
    // Whether done anew or taken as it is, the stage tells again what is to be said of it.
    state = { ...state, diagnoses: state.diagnoses.filter(({ stage }) => stage !== event.stage) };
  }
  if (event.status === "started") {
    // Who trains anew has no completed run any more.
    const kept = isFollowUp(event.stage) ? {} : { completedStages: null, followUp: null };
    return updateStage({ ...state, currentStage: event.stage, ...kept }, event.stage, {
      status: "running",
      startedAt: event.time,
      fraction: null,
      progress: null,
      detail,
    });
  }
  const done = event.status !== "failed";
  return updateStage(state, event.stage, {
    status: event.status,
    seconds: event.seconds ?? null,
    detail,
    ...(done ? { fraction: 1 } : {}),
  });
}

function updateStage(state: RunSnapshot, name: StageName | null, change: Partial<StageSnapshot>): RunSnapshot {
  if (name === null) return state;
  return { ...state, stages: state.stages.map((stage) => (stage.name === name ? { ...stage, ...change } : stage)) };
}

function withFraction(state: RunSnapshot): RunSnapshot {
  const sum = state.stages.reduce((total, stage) => total + (stage.fraction ?? 0), 0);
  return { ...state, fraction: state.status === "completed" ? 1 : sum / state.stages.length };
}
