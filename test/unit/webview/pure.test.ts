import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWhole, padded, pan, zoomAt, type Domain } from "../../../webview/charts/domain.js";
import {
  formatBytes,
  formatDuration,
  formatEstimate,
  formatLength,
  formatNumber,
  formatPercent,
  formatPerplexity,
  formatShare,
  formatTick,
} from "../../../webview/format.js";
import { Redraw, type Clock } from "../../../webview/scheduler.js";
import { initialViewState, parseViewState } from "../../../webview/viewState.js";

const missing = "–";

describe("format", () => {
  it.each([
    [0, "0"],
    [2.34567, "2.346"],
    [0.01234, "0.01234"],
    [5e-5, "5.00e-5"],
    [6123.4, "6,123"],
    [1234567, "1.23e+6"],
    [-0.5, "-0.5000"],
    [NaN, missing],
    [Infinity, missing],
  ])("number %d", (value, text) => expect(formatNumber(value)).toBe(text));

  it.each([
    [3.5, "3.5"],
    [2, "2"],
    [0.05, "0.05"],
    [5e-5, "5e-5"],
    [1.5e-4, "1.5e-4"],
    [2000, "2,000"],
  ])("tick %d", (value, text) => expect(formatTick("loss", value)).toBe(text));

  it.each([
    [0, "0 s"],
    [0.44, "0.4 s"],
    [59.6, "1 min"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
    [273_600, "3 d 4 h"],
    [-1, missing],
    [NaN, missing],
  ])("duration %d", (value, text) => expect(formatDuration(value)).toBe(text));

  it.each([
    [4, "a few seconds"],
    [44, "40 s"],
    [200, "3 min"],
    [7400, "2 h 5 min"],
  ])("estimate %d", (value, text) => expect(formatEstimate(value)).toBe(text));

  it("says done only when it is done", () => {
    expect([0, 0.004, 0.5, 0.9999, 1, NaN].map(formatPercent)).toEqual(["0 %", "0 %", "50 %", "99 %", "100 %", missing]);
  });

  it("writes shares in one way, and a sign only where there is one to see", () => {
    expect([0, 0.004, 0.3519, 0.996, 1, NaN].map((share) => formatShare(share))).toEqual(["0 %", "0 %", "35 %", "100 %", "100 %", missing]);
    const tenths = [0.3519, 0.2, 12.5].map((share) => [formatShare(share, { digits: 1 }), formatShare(share, { digits: 1, short: true })]);
    expect(tenths).toEqual([
      ["35.2 %", "35.2 %"],
      ["20.0 %", "20 %"],
      ["1250.0 %", "1250 %"],
    ]);
    expect([0.4, -0.123, 0.0004, -0.0004].map((share) => formatShare(share, { digits: 1, signed: true }))).toEqual([
      "+40.0 %",
      "−12.3 %",
      "0.0 %",
      "0.0 %",
    ]);
    expect(formatShare(-0.0004)).toBe("0 %");
  });

  it("writes bytes, lengths and perplexities", () => {
    expect([0, 1023, 1536, 1.31e9].map(formatBytes)).toEqual(["0 B", "1,023 B", "1.5 KiB", "1.22 GiB"]);
    expect([512, 1024, 1536, 131_072].map(formatLength)).toEqual(["512", "1k", "1.5k", "128k"]);
    expect([8.1234, 122.71, NaN].map(formatPerplexity)).toEqual(["8.12", "122.7", missing]);
  });
});

describe("domain", () => {
  const full: Domain = [0, 1000];
  const domains = fc
    .tuple(fc.double({ min: 0, max: 900, noNaN: true }), fc.double({ min: 1, max: 100, noNaN: true }))
    .map(([from, width]): Domain => [from, from + width]);

  it("never leaves the data, never shrinks below the least", () => {
    fc.assert(
      fc.property(
        domains,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (domain, factor, share) => {
          const anchor = domain[0] + share * (domain[1] - domain[0]);
          const [from, to] = zoomAt(domain, factor, anchor, full, 0.5);
          expect(from).toBeGreaterThanOrEqual(-1e-9);
          expect(to).toBeLessThanOrEqual(1000 + 1e-9);
          expect(to - from).toBeGreaterThanOrEqual(0.5 - 1e-9);
        },
      ),
    );
  });

  it("keeps the anchor in its place", () => {
    expect(zoomAt([400, 600], 2, 450, full, 1)).toEqual([425, 525]);
  });

  it("pans as far as the data and keeps the width", () => {
    expect(pan([100, 200], 50, full)).toEqual([150, 250]);
    expect(pan([100, 200], -500, full)).toEqual([0, 100]);
    expect(pan([100, 200], 5000, full)).toEqual([900, 1000]);
    expect(isWhole([0, 1000], full)).toBe(true);
    expect(isWhole([0, 999], full)).toBe(false);
  });

  it("gives the y axis air, and a band to flat and to empty lines", () => {
    expect(padded(1, 2, false)).toEqual([0.94, 2.06]);
    expect(padded(0, 100, false)[0]).toBe(0);
    expect(padded(5, 5, false)).toEqual([4.5, 5.5]);
    expect(padded(Infinity, -Infinity, false)).toEqual([0, 1]);
    const [low, high] = padded(1, 100, true);
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(100);
  });
});

describe("redraw", () => {
  /** A clock that is turned by hand; frames come at once. */
  function manual(): { clock: Clock; turn: (milliseconds: number) => void } {
    let now = 0;
    let timers: { at: number; run: () => void }[] = [];
    return {
      clock: { now: () => now, frame: (run) => run(), later: (run, milliseconds) => void timers.push({ at: now + milliseconds, run }) },
      turn(milliseconds) {
        now += milliseconds;
        const due = timers.filter(({ at }) => at <= now);
        timers = timers.filter(({ at }) => at > now);
        for (const { run } of due) run();
      },
    };
  }

  it("draws at most ten times a second, and never drops the last", () => {
    const { clock, turn } = manual();
    let draws = 0;
    const redraw = new Redraw(() => (draws += 1), clock);
    for (let millisecond = 0; millisecond < 1000; millisecond += 10) {
      redraw.request();
      turn(10);
    }
    turn(200);
    expect(draws).toBeGreaterThanOrEqual(10);
    expect(draws).toBeLessThanOrEqual(11);
    const before = draws;
    turn(1000);
    expect(draws).toBe(before);
  });

  it("draws at once while a person drags", () => {
    const { clock, turn } = manual();
    let draws = 0;
    const redraw = new Redraw(() => (draws += 1), clock);
    for (let frame = 0; frame < 60; frame++) {
      redraw.request(true);
      turn(16);
    }
    expect(draws).toBe(60);
  });
});

describe("view state", () => {
  it("comes back as it was kept", () => {
    const state = { ...initialViewState, metric: "gradNorm" as const, log: true, zoom: { extend: [3, 9] as const } };
    expect(parseViewState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it("falls back to the initial choice for whatever does not fit", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(parseViewState(value)).toMatchObject({ tables: expect.any(Boolean) as boolean });
      }),
    );
    expect(parseViewState({ metric: "none", axis: 3, smoothing: "toString", zoom: { extend: [9, 3], replay: "x" }, task: 4 })).toEqual(
      initialViewState,
    );
  });
});
