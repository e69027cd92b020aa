import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editsBetween, moveToLineEnds, withLineEnds } from "../../../src/editor/highlight/reconcile.js";
import { ShiftedTokens, sortPlaces, type Edit, type ScoredTokens } from "../../../src/editor/highlight/tokens.js";

/** Characters of one, two and more UTF-16 units, words, line ends of every kind. */
const pieces = fc.constantFrom("a", "Zürich", " ", ".", "漢字", "👩‍👩‍👧", "é", "\n", "\r\n", "\r", "12");
const text = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(""));

/** Tokens of one to three characters each, some of which share a character, as byte-level tokenizers make them. */
function tokenized(source: string, cuts: readonly number[]): ScoredTokens {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (let n = 0; at < source.length; n++) {
    const end = Math.min(source.length, at + 1 + ((cuts[n % Math.max(1, cuts.length)] ?? 0) % 3));
    for (let times = (cuts[n % Math.max(1, cuts.length)] ?? 0) % 5 === 4 ? 2 : 1; times > 0; times--) {
      starts.push(at);
      ends.push(end);
    }
    at = end;
  }
  return { starts: Int32Array.from(starts), ends: Int32Array.from(ends), score: Float32Array.from(starts, (_, i) => i) };
}

function placed(tokens: ShiftedTokens, from = -1, to = Infinity): { token: number; start: number; end: number }[] {
  const found: { token: number; start: number; end: number }[] = [];
  tokens.walk(from, to, (token, start, end) => void found.push({ token, start, end }));
  return found;
}

const edited = fc.record({
  source: text,
  cuts: fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }),
  // Several rounds of edits, each of places that are parted into disjoint replacements.
  rounds: fc.array(fc.array(fc.record({ at: fc.nat(1000), size: fc.nat(6), put: text }), { maxLength: 4 }), { maxLength: 4 }),
});

/** Disjoint replacements of a text, ascending. */
function replacements(length: number, wanted: readonly { at: number; size: number; put: string }[]) {
  const chosen: { offset: number; removed: number; put: string }[] = [];
  for (const { at, size, put } of [...wanted].map((w) => ({ ...w, at: w.at % (length + 1) })).sort((a, b) => a.at - b.at)) {
    const last = chosen.at(-1);
    if (last !== undefined && at <= last.offset + last.removed) continue;
    chosen.push({ offset: at, removed: Math.min(size, length - at), put });
  }
  return chosen;
}

describe("ShiftedTokens", () => {
  it("after any edits every token left stands over the text it was made from, and only touched ones are gone", () => {
    fc.assert(
      fc.property(edited, ({ source, cuts, rounds }) => {
        const original = tokenized(source, cuts);
        let now = source;
        let tokens = ShiftedTokens.fresh(original);
        // The slow and sure way: every token by itself.
        let naive = [...original.starts].map((start, token) => ({ token, start, end: original.ends[token]! }));
        for (const wanted of rounds) {
          const round = replacements(now.length, wanted);
          const edits: Edit[] = round.map(({ offset, removed, put }) => ({ offset, removed, inserted: put.length }));
          tokens = tokens.edit(edits);
          for (const { offset, removed, put } of [...round].reverse()) {
            now = now.slice(0, offset) + put + now.slice(offset + removed);
            naive = naive.flatMap((token) => {
              if (token.end < offset) return [token];
              if (token.start <= offset + removed) return [];
              const shift = put.length - removed;
              return [{ ...token, start: token.start + shift, end: token.end + shift }];
            });
          }
        }
        const left = placed(tokens);
        expect(left).toEqual(naive);
        expect(tokens.count).toBe(naive.length);
        for (const { token, start, end } of left) {
          expect(now.slice(start, end)).toBe(source.slice(original.starts[token], original.ends[token]));
          expect(tokens.place(token)).toMatchObject({ start, end });
          // What stands before a token that is not stale is what stood before it when it was scored.
          if (!tokens.isStale(start)) expect(now.slice(0, end)).toBe(source.slice(0, original.ends[token]));
        }
      }),
    );
  });

  it("walks exactly the tokens that share a character with a span, forwards and backwards", () => {
    fc.assert(
      fc.property(edited, fc.nat(200), fc.nat(200), ({ source, cuts, rounds: [round = []] }, from, size) => {
        const edits = replacements(source.length, round).map(({ offset, removed, put }) => ({ offset, removed, inserted: put.length }));
        const tokens = ShiftedTokens.fresh(tokenized(source, cuts)).edit(edits);
        const all = placed(tokens);
        expect(placed(tokens, from, from + size)).toEqual(all.filter(({ start, end }) => end > from && start < from + size));
        const back: number[] = [];
        tokens.walkBack(from, (token) => void back.push(token));
        expect(back).toEqual(
          all
            .filter(({ end }) => end <= from)
            .map(({ token }) => token)
            .reverse(),
        );
      }),
    );
  });

  it("puts tokens without text where the one before them ends", () => {
    const starts = Int32Array.of(0, 3, 0, 5);
    const ends = Int32Array.of(3, 5, 0, 6);
    sortPlaces(starts, ends);
    expect([...starts]).toEqual([0, 3, 5, 5]);
    expect([...ends]).toEqual([3, 5, 5, 6]);
  });
});

describe("editsBetween", () => {
  it("finds edits that turn one text into the other", () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(text), fc.array(text), (head, middle, tail) => {
        const before = [...head, ...middle, ...tail].join("\n");
        const after = [...head, ...[...middle].reverse(), ...tail, "end"].join("\n");
        let built = after;
        let last = Infinity;
        const edits = editsBetween(before, after);
        // Backwards: put back what was there.
        let shift = edits.reduce((sum, { inserted, removed }) => sum + inserted - removed, 0);
        for (const { offset, removed, inserted } of [...edits].reverse()) {
          expect(offset + removed).toBeLessThanOrEqual(last);
          last = offset;
          shift -= inserted - removed;
          built = built.slice(0, offset + shift) + before.slice(offset, offset + removed) + built.slice(offset + shift + inserted);
        }
        expect(built).toBe(before);
      }),
    );
  });

  it("leaves the lines between two edits alone", () => {
    const line = (n: number): string => `Line ${n} of the text.\n`;
    const before = Array.from({ length: 30 }, (_, n) => line(n)).join("");
    const after = before.replace("Line 3 ", "Line three ").replace("Line 25 of", "Row of");
    expect(editsBetween(before, after).map(({ removed, inserted }) => [removed, inserted])).toEqual([
      [1, 5],
      [7, 3],
    ]);
  });
});

describe("line ends", () => {
  it("move with their tokens to the one form that the editor gives them", () => {
    fc.assert(
      fc.property(text, fc.constantFrom("\n" as const, "\r\n" as const), fc.array(fc.nat(20), { minLength: 1 }), (source, eol, cuts) => {
        const tokens = tokenized(source, cuts);
        const changed = withLineEnds(source, eol);
        expect(changed).toBe(source.replace(/\r\n|\r|\n/gu, eol));
        const now = moveToLineEnds(tokens, source, eol);
        tokens.starts.forEach((start, token) => {
          const was = source.slice(start, tokens.ends[token]);
          // A token may hold half of a line end; what is visible of it must be the same.
          expect(changed.slice(now.starts[token], now.ends[token]).replace(/[\r\n]/gu, "")).toBe(was.replace(/[\r\n]/gu, ""));
        });
      }),
    );
  });
});
