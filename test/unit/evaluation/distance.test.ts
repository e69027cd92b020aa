import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contrastBins, keyTokens, lossAt } from "../../../src/evaluation/contrast.js";
import { distanceBin, lossByDistance } from "../../../src/evaluation/distance.js";
import { binByPosition } from "../../../src/evaluation/perplexity.js";

const document = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.float({ min: -8, max: 0, noNaN: true })), {
  minLength: 1,
  maxLength: 80,
});

function scored(pairs: readonly (readonly [number, number])[]): { ids: Int32Array; logprob: Float32Array } {
  const logprob = Float32Array.from(pairs, ([, value]) => value);
  logprob[0] = Number.NaN;
  return { ids: Int32Array.from(pairs, ([id]) => id), logprob };
}

describe("loss by distance", () => {
  it("puts each token where its last occurrence says", () => {
    const { byDistance, first } = lossByDistance(Int32Array.of(5, 7, 5, 5, 9, 7), Float32Array.of(Number.NaN, -1, -2, -3, -4, -5));
    expect(first).toEqual({ tokens: 2, sum: 5 });
    expect([...byDistance]).toEqual([
      [1, { tokens: 1, sum: 3 }],
      [2, { tokens: 1, sum: 2 }],
      [4, { tokens: 1, sum: 5 }],
    ]);
  });

  it("loses no token and no nat: all bins together are the loss by position", () => {
    fc.assert(
      fc.property(document, (pairs) => {
        const { ids, logprob } = scored(pairs);
        const { byDistance, first } = lossByDistance(ids, logprob);
        const bins = [first, ...byDistance.values()];
        const positions = binByPosition(logprob, 16, 128);
        const total = (all: readonly { tokens: number; sum: number }[]) =>
          all.reduce((sum, one) => ({ tokens: sum.tokens + one.tokens, sum: sum.sum + one.sum }), { tokens: 0, sum: 0 });
        expect(total(bins).tokens).toBe(total(positions).tokens);
        expect(total(bins).sum).toBeCloseTo(total(positions).sum, 6);
        // As many first occurrences as there are different tokens, but for the document's own first, which has no score.
        expect(first.tokens).toBe(new Set(ids).size - 1);
      }),
    );
  });

  it("has bins that end at the next power of two", () => {
    expect([1, 2, 3, 4, 5, 1024, 1025].map(distanceBin)).toEqual([1, 2, 4, 4, 8, 1024, 2048]);
  });
});

describe("contrast", () => {
  it("is nothing where near and full context say the same", () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 1, max: 20 }), (pairs, context) => {
        const { logprob } = scored(pairs);
        for (const { gain, gaining } of contrastBins(logprob, logprob, context, 16, 128)) expect([gain, gaining]).toEqual([0, 0]);
        expect(keyTokens(logprob, logprob, context)).toEqual([]);
      }),
    );
  });

  it("is what the loss of the near context is more than that of the full one, beyond the context", () => {
    fc.assert(
      fc.property(document, document, fc.integer({ min: 1, max: 20 }), (pairs, others, context) => {
        const full = scored(pairs).logprob;
        const near = scored(others).logprob.slice(0, full.length);
        const size = Math.min(full.length, near.length);
        const loss = (scores: Float32Array) => -scores.slice(context + 1, size).reduce((sum, value) => sum + value, 0);
        const bins = contrastBins(full.slice(0, size), near.slice(0, size), context, 16, 128);
        expect(bins.reduce((sum, { gain }) => sum + gain, 0)).toBeCloseTo(loss(near) - loss(full), 4);
        expect(bins.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(Math.max(0, size - context - 1));
      }),
    );
  });

  it("knows LongPPL's key tokens, and the loss of any model at them", () => {
    const full = Float32Array.of(Number.NaN, -0.1, -0.5, -3, -1, -0.2);
    const near = Float32Array.of(Number.NaN, -9, -4, -9, -2, -3);
    expect(keyTokens(full, near, 1)).toEqual([2, 5]);
    expect(lossAt(full, [2, 5], 4, 8)).toEqual([
      { end: 4, tokens: 1, sum: 0.5 },
      { end: 8, tokens: 1, sum: expect.closeTo(0.2, 6) as number },
    ]);
  });
});
