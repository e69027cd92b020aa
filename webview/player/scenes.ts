/** Recorded-like runs in every state that the page must show. Everything follows from the scene: the same scene, the same pictures. */
import type { HostToDashboard, RunFacts, RunIdentity } from "../../src/protocol/dashboard.js";
import type { RunEvent } from "../../src/protocol/events.js";
import { snapshotOf, type RunSnapshot } from "../../src/protocol/runSnapshot.js";
import type { StageName } from "../../src/protocol/stages.js";
import { resultsOf } from "./results.js";
import { validations } from "./validations.js";
import { curve } from "./curves.js";
import { spreadScores, unmeasuredSkips } from "./diagnoses.js";

export const sceneNames = ["starting", "training", "paused", "failed", "completed", "evaluationFailed", "exportStopped", "long"] as const;

export interface Scene {
  readonly name: (typeof sceneNames)[number];
  /** Points of the extend stage. */
  readonly points: number;
  readonly epoch: number;
  /** Milliseconds since the epoch at which the newest event happened. */
  readonly now: number;
  readonly notices?: readonly string[];
  readonly facts?: Partial<RunFacts>;
}

/** An event without what is counted here. */
type Step = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, "seq" | "time"> & { readonly after?: number } : never) : never;

export const identity: RunIdentity = {
  name: "extend-tiny-2k",
  directory: "/workspace/.longrecipe/runs/extend-tiny-2k",
  model: "examples/embedded/model",
  targetLength: 2048,
  window: 256,
};

/** Other runs of the workspace, two of which have curves of their own in {@link comparedMessage}. */
export const facts: RunFacts = {
  others: [
    { directory: "/workspace/.longrecipe/runs/pose", name: "extend-tiny-pose", created: Date.UTC(2026, 10, 3, 9, 30) },
    { directory: "/workspace/.longrecipe/runs/random", name: "extend-tiny-random", created: Date.UTC(2026, 10, 2, 17, 5) },
  ],
  price: null,
  expectedSeconds: {},
};

/** Curves of the runs that a page has asked to compare with. */
export function comparedMessage(directories: readonly string[], points: number, now: number): HostToDashboard {
  const day = 86_400_000;
  return {
    type: "compared",
    runs: directories.map((directory, place) => {
      const { loss, ...rest } = curve("extend", 7000 * (place + 1), points, now - (place + 1) * day, false);
      const step = rest.step.map((_, index) => index + 1);
      return {
        directory,
        series: [{ ...rest, step, loss: loss.map((value, index) => value + (place + 1) * 0.18 + 1.2 * Math.exp(-index / 70)) }],
      };
    }),
  };
}

/** The last lines of a log; one holds markup, which must show as text. */
export const logMessage: HostToDashboard = {
  type: "log",
  tail: {
    file: "stages/05-extend/worker.log",
    lines: [
      ...Array.from({ length: 60 }, (_, index) => `step ${String(index + 1)}: loss ${(3.4 * Math.exp(-index / 90)).toFixed(4)}`),
      "<script>globalThis.pwned = true</script> in a document's name",
    ],
  },
};

/** The snapshot message of a scene. */
export function snapshotMessage(scene: Scene): HostToDashboard {
  const series = scene.name === "starting" ? [] : [curve("extend", 0, scene.points, scene.now, scene.name !== "long")];
  if (completes(scene.name)) series.push(curve("replay", 0, Math.max(20, Math.round(scene.points / 4)), scene.now, false));
  return {
    type: "snapshot",
    epoch: scene.epoch,
    identity,
    run: runOf(scene),
    series,
    results: completes(scene.name) ? resultsOf() : null,
    notices: scene.notices ?? [],
    facts: { ...facts, ...scene.facts },
  };
}

/** The append message that brings points [from, from + count) of the extend stage. */
export function appendMessage(scene: Scene, from: number, count: number, now: number): HostToDashboard {
  return {
    type: "append",
    epoch: scene.epoch,
    run: runOf({ ...scene, points: from + count, now }),
    series: [curve("extend", from, count, now, false)],
  };
}

/** The state of the run, folded from events as everywhere else. */
export function runOf(scene: Scene): RunSnapshot {
  const steps = events(scene);
  const total = steps.reduce((sum, { after = 0 }) => sum + after, 0);
  let time = scene.now - total;
  return snapshotOf(
    steps.map(({ after = 0, ...event }, seq) => {
      time += after;
      return { ...event, seq, time };
    }),
  );
}

function events({ name, points }: Scene): Step[] {
  const totalSteps = Math.max(400, Math.ceil(points / 0.62));
  const steps: Step[] = [
    { kind: "run", status: "started", stage: null, pid: 4711 },
    { kind: "device", stage: "prepare", device: "cpu", name: "x86-64, 2 threads", precision: "float32", threads: 2 },
    ...finished("prepare", 3200, "1,204,551 tokens in 96 documents"),
  ];
  if (name === "starting") return [...steps, { kind: "stage", stage: "significance", status: "started" }, progress("significance", 31)];
  steps.push({ kind: "stage", stage: "significance", status: "cached" });
  steps.push(
    ...finished("select", 900, "20.0 % of tokens, 8,120 of 31,877 sentences"),
    ...finished("samples", 1400, "512 samples of 614 tokens"),
  );
  steps.push({ kind: "stage", stage: "extend", status: "started" });
  if (name !== "long") {
    steps.push({ kind: "log", stage: "samples", level: "warning", message: "12 documents are shorter than a sample and were joined." });
    steps.push(...validations(points));
  }
  if (!completes(name))
    steps.push(step("extend", points, totalSteps, 96_000), { kind: "checkpoint", stage: "extend", step: points, path: "checkpoint" });
  if (name === "paused") steps.push({ kind: "run", stage: null, status: "paused", exitCode: 4 });
  if (name === "failed") {
    steps.push(
      {
        kind: "error",
        stage: "extend",
        code: "out-of-memory",
        message: "The device ran out of memory at step 248 (sample of 614 tokens).",
        remedy:
          "Lower training.batchSize or turn on training.gradientCheckpointing, then resume: nothing before the last checkpoint is lost.",
      },
      { kind: "stage", stage: "extend", status: "failed", seconds: 96 },
      { kind: "run", stage: null, status: "failed", exitCode: 6 },
    );
  }
  if (!completes(name)) return steps;
  steps.push(step("extend", points, points, 156_000), { kind: "stage", stage: "extend", status: "completed", seconds: 156 });
  steps.push(
    { ...spreadScores, stage: "select" },
    { ...unmeasuredSkips, stage: "extend" },
    ...finished("replay", 41_000, "100 steps on general text"),
    ...finished("merge", 600, "α = 0.5, 63 tensors"),
    ...finished("evaluate", 88_000, "4 models"),
  );
  return [...steps, { kind: "run", stage: null, status: "completed", exitCode: 0 }, ...followUp(name)];
}

function completes(name: Scene["name"]): boolean {
  return name === "completed" || name === "evaluationFailed" || name === "exportStopped";
}

/** What happens to a completed run a day later. */
function followUp(name: Scene["name"]): Step[] {
  const stage = name === "evaluationFailed" ? "evaluate" : name === "exportStopped" ? "export" : null;
  if (stage === null) return [];
  const begun: Step[] = [
    { kind: "run", stage: null, status: "resumed", pid: 4712, followUp: stage, after: 86_400_000 },
    { kind: "stage", stage: "extend", status: "cached", seconds: 156 },
    { kind: "stage", stage, status: "started" },
  ];
  if (stage === "export") return [...begun, { kind: "run", stage: null, status: "stopped", exitCode: 4, after: 5_000 }];
  return [
    ...begun,
    { kind: "stage", stage, status: "failed", seconds: 5, after: 5_000 },
    {
      kind: "error",
      stage,
      code: "server-unreachable",
      message: "The server http://localhost:8000/v1 cannot be reached.",
      remedy: "Start it, or take it out of `evaluation.models`; then evaluate again.",
    },
    { kind: "run", stage: null, status: "failed", exitCode: 5 },
  ];
}

function finished(stage: StageName, milliseconds: number, detail: string): Step[] {
  return [
    { kind: "stage", stage, status: "started" },
    { kind: "stage", stage, status: "completed", seconds: milliseconds / 1000, detail, after: milliseconds },
  ];
}

function progress(stage: StageName, done: number): Step {
  return { kind: "progress", stage, done, total: 96, unit: "documents", label: "extended reference", after: 12_000 };
}

function step(stage: StageName, at: number, totalSteps: number, after: number): Step {
  return { kind: "metric", stage, step: at, totalSteps, values: { loss: 2.1 }, after };
}
