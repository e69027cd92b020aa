import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockEnds } from "../../../src/scorer/blocks.js";
import { byUrgency, planWindows } from "../../../src/scorer/windows.js";

/** No surrogate stands alone. */
const isWhole = (text: string): boolean => Buffer.from(text).toString() === text;

describe("windows", () => {
  it("score each token once, with the context that was asked for", () => {
    const views = fc
      .record({ window: fc.integer({ min: 2, max: 40 }), least: fc.integer({ min: 0, max: 38 }), first: fc.integer({ min: 0, max: 60 }) })
      .filter(({ window, least }) => Math.max(1, least) < window);
    fc.assert(
      fc.property(views, fc.integer({ min: 0, max: 200 }), fc.option(fc.integer({ min: 1, max: 20 })), (view, tokens, rows) => {
        const { window, least: minContext, first } = view;
        let next = Math.max(1, first);
        for (const piece of planWindows(first, tokens, { window, minContext }, rows ?? Infinity)) {
          expect(piece.first).toBe(next);
          expect(piece.first - piece.start).toBeGreaterThanOrEqual(Math.min(piece.first, Math.max(1, minContext)));
          expect(piece.end - piece.start).toBeLessThanOrEqual(window);
          expect(piece.end - piece.first).toBeLessThanOrEqual(rows ?? Infinity);
          next = piece.end;
        }
        expect(next).toBe(Math.max(tokens, Math.max(1, first)));
      }),
    );
  });

  it("refuse an overlap that leaves nothing to score", () => {
    expect(() => planWindows(1, 10, { window: 4, minContext: 4 })).toThrow(RangeError);
  });

  it("come in view first, then below, then above", () => {
    const ranges = [0, 10, 20, 30, 40].map((start) => ({ start, end: start + 10 }));
    expect(byUrgency(ranges, { start: 20, end: 31 }).map(({ start }) => start)).toEqual([20, 30, 40, 10, 0]);
    expect(byUrgency(ranges, { start: 25, end: 25 }).map(({ start }) => start)[0]).toBe(20);
  });
});

describe("blocks", () => {
  const sizes = { least: 40, most: 80, limit: 120 };
  const lines = fc.array(fc.string({ unit: "grapheme", maxLength: 30 }), { maxLength: 80 }).map((parts) => parts.join("\n"));

  it("tile the text, within their sizes, and cut no character in two", () => {
    fc.assert(
      fc.property(lines, (text) => {
        let begin = 0;
        for (const end of blockEnds(text, sizes)) {
          expect(end - begin).toBeLessThanOrEqual(sizes.limit);
          expect(isWhole(text.slice(begin, end))).toBe(isWhole(text));
          begin = end;
        }
        expect(begin).toBe(text.length);
      }),
    );
  });

  it("are the same again behind an edit", () => {
    const text = Array.from({ length: 6000 }, (_, line) => `line ${line * 7919} of the text`).join("\n");
    const edited = `${text.slice(0, 500)} inserted ${text.slice(500)}`;
    const tail = (whole: string): string[] => {
      const ends = blockEnds(whole);
      return ends.slice(1).map((end, index) => whole.slice(ends[index], end));
    };
    const before = new Set(tail(text));
    expect(before.size).toBeGreaterThan(4);
    expect(tail(edited).filter((block) => !before.has(block)).length).toBeLessThanOrEqual(1);
  });
});
