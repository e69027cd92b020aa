import { describe, expect, it } from "vitest";
import type { EventPayload, RunEvent } from "../../../src/protocol/events.js";
import { mostWarnings, snapshotOf } from "../../../src/protocol/runSnapshot.js";

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
