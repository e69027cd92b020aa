import { describe, expect, it } from "vitest";
import { FaultMemory, type Store } from "../../../src/views/faultMemory.js";

/** A memento, and windows that open on it at a time. */
function workspace() {
  const values = new Map<string, unknown>();
  const clock = { now: 0 };
  const store: Store = {
    get: (key) => values.get(key),
    update: (key, value) => {
      values.set(key, JSON.parse(JSON.stringify(value)));
      return Promise.resolve();
    },
  };
  const open = (time: number): FaultMemory => {
    clock.now = time;
    return new FaultMemory(store, () => clock.now);
  };
  return { open, clock };
}

describe("the memory of faults", () => {
  it("takes nothing that lay there before the first window for news", async () => {
    const memory = workspace().open(1_000);
    expect(await memory.isNews("a#1", 999)).toBe(false);
    expect(await memory.isNews("a#2", 1_001)).toBe(true);
    expect(await memory.isNews("a#2", 1_001)).toBe(false);
  });

  it("tells in the next window of what happened in between, and of nothing twice", async () => {
    const { open, clock } = workspace();
    const first = open(1_000);
    clock.now = 100_000;
    await first.watching();
    expect(await first.isNews("a#1", 100_001)).toBe(true);
    const second = open(900_000);
    expect(await second.isNews("a#1", 100_001)).toBe(false);
    expect(await second.isNews("a#0", 5_000)).toBe(false);
    expect(await second.isNews("b#1", 500_000)).toBe(true);
    expect(await open(950_000).isNews("b#1", 500_000)).toBe(false);
  });

  it("begins anew where what was kept is not its own", async () => {
    const memory = new FaultMemory({ get: () => ({ seenUntil: "yesterday", told: 3 }), update: () => Promise.resolve() }, () => 10);
    expect(await memory.isNews("a#1", 9)).toBe(false);
    expect(await memory.isNews("a#1", 11)).toBe(true);
  });
});
