import { describe, expect, it } from "vitest";
import type { EventOf, EventPayload, RunEvent } from "../../../src/protocol/events.js";
import { workedMilliseconds } from "../../../src/protocol/runSessions.js";
import { abandoned, mostWarnings, shownRun, shownStatus, snapshotOf, type RunSnapshot } from "../../../src/protocol/runSnapshot.js";
import type { StageName } from "../../../src/protocol/stages.js";

const said = { kind: "diagnosis", title: "t", evidence: "e", cause: "c", setting: "s" } as const;
const measured = (step: number, inside: number) =>
  ({ kind: "validation" as const, step, perplexity: { inside, beyond: null }, needles: [] }) satisfies EventPayload;

/** The state after what happened in stage `extend`. */
function after(...payloads: readonly EventPayload[]) {
  return snapshotOf(payloads.map((payload, seq): RunEvent => ({ ...payload, seq, time: seq, stage: "extend" })));
}

describe("the state of a run", () => {
  it("holds a stage's diagnoses once, also when the run is resumed and takes the stage from the cache", () => {
    const state = after({ kind: "stage", status: "started" }, said, { kind: "stage", status: "cached" }, said);
    expect(state.diagnoses).toHaveLength(1);
  });

  it("forgets measurements that a resumed training makes again", () => {
    const state = after(measured(0, 9), measured(50, 8), measured(100, 7), measured(50, 6));
    expect(state.validations.map(({ step, perplexity }) => [step, perplexity.inside])).toEqual([
      [0, 9],
      [50, 6],
    ]);
  });

  it("keeps warnings, each text once, and no more of them than people read", () => {
    const warn = (message: string) => ({ kind: "log", level: "warning", message }) as const;
    const many = Array.from({ length: 2 * mostWarnings }, (_, at) => warn(`text ${String(at)}`));
    const state = after(warn("again"), ...many, warn("again"), { kind: "log", level: "info", message: "fine" });
    expect(state.warnings).toHaveLength(mostWarnings);
    expect(state.warnings.at(-1)?.message).toBe("again");
    expect(state.warnings.filter(({ message }) => message === "again")).toHaveLength(1);
  });
});

const run = (status: EventOf<"run">["status"]) => ({ kind: "run", status, stage: null }) as const;
const stage = (name: StageName, status: EventOf<"stage">["status"]) => ({ kind: "stage", status, stage: name }) as const;
const fault = { kind: "error", code: "server-unreachable", message: "m", remedy: "r", stage: "evaluate" } as const;

/** The state after events at the times given, in milliseconds. */
function history(...events: readonly (readonly [number, EventPayload & { readonly stage: StageName | null }])[]) {
  return snapshotOf(events.map(([time, event], seq): RunEvent => ({ ...event, seq, time })));
}

describe("what follows on a completed run", () => {
  const completed = [
    [0, run("started")],
    [1, stage("extend", "started")],
    [2, stage("extend", "completed")],
    [3, stage("evaluate", "started")],
    [4, stage("evaluate", "completed")],
    [5, run("completed")],
  ] as const;
  const statusOf = (state: RunSnapshot, name: StageName) => state.stages.find((one) => one.name === name)?.status;

  it("leaves it completed when it fails, and tells the fault", () => {
    const evaluated = [stage("extend", "cached"), stage("evaluate", "started"), stage("evaluate", "failed"), fault, run("failed")];
    const state = history(...completed, [10, run("resumed")], ...evaluated.map((event) => [11, event] as const));
    expect([state.status, state.fraction, state.error?.code]).toEqual(["completed", 1, "server-unreachable"]);
    expect([statusOf(state, "extend"), statusOf(state, "evaluate")]).toEqual(["completed", "completed"]);
  });

  it("leaves it completed when it is refused or stopped, and forgets the fault once another succeeds", () => {
    const refused = history(...completed, [10, run("resumed")], [11, { ...fault, stage: null }], [12, run("failed")]);
    expect([refused.status, refused.error?.code]).toEqual(["completed", "server-unreachable"]);
    const stopped = history(...completed, [10, run("resumed")], [11, stage("export", "started")], [12, run("stopped")]);
    expect([stopped.status, stopped.error]).toEqual(["completed", null]);
    const again = history(
      ...completed,
      [10, run("resumed")],
      [11, fault],
      [12, run("failed")],
      [20, run("resumed")],
      [21, run("completed")],
    );
    expect([again.status, again.error]).toEqual(["completed", null]);
  });

  it("is no follow-up when the model is trained anew, nor when the run had not completed", () => {
    const trained = [run("resumed"), stage("extend", "started"), stage("extend", "failed"), run("failed")];
    expect(history(...completed, ...trained.map((event) => [10, event] as const)).status).toBe("failed");
    const first = history(...completed.slice(0, 4), [4, fault], [5, run("failed")], [6, run("resumed")], [7, fault], [8, run("failed")]);
    expect(first.status).toBe("failed");
  });

  it("is told with what it was and how it ended, until the next one succeeds", () => {
    const began = [...completed, [10, { ...run("resumed"), followUp: "export" }]] as const;
    expect(history(...began).followUp).toEqual({ stage: "export", status: "running" });
    // Refused for what an earlier stage lacks: the session says what was wanted.
    const refused = [...began, [11, { ...fault, stage: "prepare" }], [12, run("failed")]] as const;
    expect(history(...refused).followUp).toEqual({ stage: "export", status: "failed" });
    expect(history(...began, [11, run("stopped")]).followUp).toEqual({ stage: "export", status: "stopped" });
    expect(history(...refused, [20, run("resumed")], [21, run("completed")]).followUp).toBeNull();
    // Histories of before this was written down: by the stage that failed, if one did.
    const older = [
      [10, run("resumed")],
      [11, stage("evaluate", "started")],
      [12, fault],
      [13, run("failed")],
    ] as const;
    expect(history(...completed, ...older).followUp).toEqual({ stage: "evaluate", status: "failed" });
    expect(history(...completed, [10, run("resumed")], [11, { ...fault, stage: null }], [12, run("failed")]).followUp).toEqual({
      stage: null,
      status: "failed",
    });
  });

  it("is told by the records where an old history does not say it", () => {
    const refused = [
      [10, run("resumed")],
      [11, { ...fault, stage: null }],
      [12, run("failed")],
    ] as const;
    const unknown = history(...completed, ...refused);
    expect(shownRun(unknown, false, undefined)).toBe(unknown);
    // A run that only evaluates has nothing else that could be done again.
    expect(shownRun(unknown, false, ["evaluate"]).followUp).toEqual({ stage: "evaluate", status: "failed" });
    expect(shownRun(unknown, false, ["prepare", "export"]).followUp).toEqual({ stage: "export", status: "failed" });
    expect(shownRun(unknown, false, ["evaluate", "export"]).followUp?.stage).toBeNull();
    // Past an evaluation that was there, the export was next.
    const passed = history(...completed, [10, run("resumed")], [11, stage("evaluate", "cached")], [12, run("stopped")]);
    expect(passed.followUp).toEqual({ stage: "export", status: "stopped" });
    const before = history(...completed, [10, run("resumed")], [11, stage("extend", "cached")], [12, run("stopped")]);
    expect(before.followUp).toEqual({ stage: null, status: "stopped" });
  });

  it("leaves the run completed when its runner is gone", () => {
    const killed = history(...completed, [10, run("resumed")], [12, stage("evaluate", "started")]);
    const state = abandoned(killed);
    expect([state.status, state.fraction, state.pid]).toEqual(["completed", 1, null]);
    expect(state.followUp).toEqual({ stage: "evaluate", status: "interrupted" });
    expect(workedMilliseconds(state, 99_000)).toBe(5 + 2);
    expect([shownStatus(killed, true), shownStatus(killed, false)]).toEqual(["running", "completed"]);
    const unfinished = history(...completed.slice(0, 3));
    expect([abandoned(unfinished).status, shownStatus(unfinished, false)]).toEqual(["stopped", "interrupted"]);
    expect(abandoned(history(...completed))).toEqual(history(...completed));
  });

  it("can be paused", () => {
    const paused = history(...completed, [10, run("resumed")], [11, stage("evaluate", "started")], [12, run("paused")]);
    expect(paused.status).toBe("paused");
  });
});

describe("the time worked on a run", () => {
  it("leaves out the time between its sessions, and counts one that was killed up to its last event", () => {
    const begun = [
      [1_000, run("started")],
      [3_000, stage("extend", "started")],
    ] as const;
    expect(workedMilliseconds(history(...begun), 4_000)).toBe(3_000);
    expect(workedMilliseconds(history(...begun, [5_000, run("paused")]), 99_000)).toBe(4_000);
    const killed = history(...begun, [90_000, run("resumed")], [91_000, run("completed")]);
    expect(workedMilliseconds(killed, 99_000)).toBe(2_000 + 1_000);
  });
});
