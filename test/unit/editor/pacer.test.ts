import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Pacer } from "../../../src/panels/pacer.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("works at once, then at most once an interval, and never drops the last request", () => {
  const times: number[] = [];
  const start = Date.now();
  const pacer = new Pacer(() => times.push(Date.now() - start), 100);
  for (let ms = 0; ms < 1000; ms += 7) {
    pacer.ask();
    vi.advanceTimersByTime(7);
  }
  vi.advanceTimersByTime(1000);
  expect(times[0]).toBe(0);
  expect(times.length).toBeLessThanOrEqual(11);
  expect(times.every((time, index) => index === 0 || time - (times[index - 1] ?? 0) >= 100)).toBe(true);
  expect(times.at(-1)).toBeGreaterThanOrEqual(1000 - 7);
});

it("forgets what was asked for when it is cancelled", () => {
  const work = vi.fn();
  const pacer = new Pacer(work, 100);
  pacer.ask();
  pacer.cancel();
  vi.advanceTimersByTime(1000);
  expect(work).not.toHaveBeenCalled();
});
