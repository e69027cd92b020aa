import fc from "fast-check";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { compiledFile, compiledKernel } from "../../../scripts/compileKernel.js";
import { SampleKernel } from "../../../src/recipe/kernel/sampleKernel.js";
import { drawPositions, drawPlacement, type PositionStrategy } from "../../../src/recipe/positions.js";
import { Random } from "../../../src/recipe/random.js";
import { rankedOrder } from "./ranking.js";

const capacity = 5_000;

it("is what its source compiles to", async () => {
  expect(await readFile(compiledFile, "utf8")).toBe(await compiledKernel());
});

describe("takeRanked", () => {
  const kernel = SampleKernel.take(capacity, 0);
  const key = fc.oneof(
    fc.constantFrom(-Infinity, 0, 1, 0.25, 1e-300, 1e300, -1e300, 5),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    fc.integer({ min: 0, max: 9 }),
  );
  const sentence = fc.record({ key, tie: fc.double({ noNaN: true, min: 0, max: 0.999 }), length: fc.integer({ min: 1, max: 60 }) });

  it("takes what going through the whole ranking takes", () => {
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 400, size: "max" }), fc.integer({ min: 0, max: 6_000 }), (sentences, budget) => {
        const keys = Float64Array.from(sentences, (one) => one.key);
        const ties = Float64Array.from(sentences, (one) => one.tie);
        kernel.keys.set(keys);
        kernel.ties.set(ties);
        kernel.lengths.set(sentences.map(({ length }) => length));
        let left = budget;
        const fits = (at: number): boolean => sentences[at]!.length <= left && (left -= sentences[at]!.length) >= 0;
        const expected = rankedOrder(keys, ties).filter(fits);
        const taken = kernel.takeRanked(sentences.length, budget);
        expect([...kernel.kept.subarray(0, taken)]).toEqual(expected.sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });
});

/** Sentences of two parts of a stretch that lie one behind the other in the window. */
const parts = fc.tuple(
  fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }),
  fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }),
);

/** Puts the sentences of both parts into the kernel; tokens have 1000 x part + place as ids. @returns whether all were good */
function fill(kernel: SampleKernel, lengths: readonly (readonly number[])[], longest: number): boolean[] {
  let count = 0;
  let window = 0;
  return lengths.map((sentences, part) => {
    const first = 7 * part;
    let end = first;
    sentences.forEach((length, sentence) => {
      kernel.firsts[count + sentence] = end;
      for (let token = 0; token < length; token++) kernel.window[window + end - first + token] = 10_000 * part + end + token;
      end += length;
    });
    kernel.firsts[count + sentences.length] = end;
    const good = kernel.measure(count, sentences.length, part, window - first, longest);
    count += sentences.length;
    window += end - first;
    return good;
  });
}

describe("measure and gather", () => {
  it("put the tokens of kept sentences behind one another, and tell where they come from", () => {
    fc.assert(
      fc.property(parts, fc.infiniteStream(fc.boolean()), (lengths, keep) => {
        const kernel = SampleKernel.take(capacity, 0);
        expect(fill(kernel, lengths, 90)).toEqual([true, true]);
        const flat = lengths.flatMap((sentences, part) => {
          let end = 7 * part;
          return sentences.map((length) => ({ part, first: end, end: (end += length) }));
        });
        const kept = flat.map((one, at) => ({ ...one, at })).filter(() => keep.next().value === true);
        kernel.kept.set(kept.map(({ at }) => at));
        const { length, sentences } = kernel.gather(kept.length);
        const expected = kept.flatMap(({ part, first, end }) =>
          Array.from({ length: end - first }, (_, token) => 10_000 * part + first + token),
        );
        expect([...kernel.ids.subarray(0, length)]).toEqual(expected);
        let start = 0;
        expect([...sentences]).toEqual(kept.map(({ first, end }) => (start += end - first) - (end - first)));
        const { document, first, end } = kernel.origins((part) => 40 + part);
        const runs = Array.from(document, (number, run) => ({ number, first: first[run]!, end: end[run]! }));
        const tokens = runs.flatMap((run) =>
          Array.from({ length: run.end - run.first }, (_, token) => 10_000 * (run.number - 40) + run.first + token),
        );
        expect(tokens).toEqual(expected);
        runs.forEach((run, at) => expect(at > 0 && runs[at - 1]!.number === run.number && runs[at - 1]!.end === run.first).toBe(false));
        kernel.release();
      }),
    );
  });

  it("measure tells of sentences that are empty or too long", () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 20, max: 90 }), (lengths, longest) => {
        const kernel = SampleKernel.take(capacity, 0);
        expect(fill(kernel, lengths, longest)).toEqual(lengths.map((sentences) => Math.max(...sentences) <= longest));
        kernel.firsts.set([5, 9, 9, 12]);
        expect(kernel.measure(0, 3, 0, 0, 90)).toBe(false);
        kernel.release();
      }),
    );
  });
});

describe("finish", () => {
  it("writes the positions that the placement means", () => {
    const strategies = fc.constantFrom<PositionStrategy>("longrecipe", "pose", "randomized", "full");
    fc.assert(
      fc.property(
        strategies,
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 2_000 }),
        fc.nat(),
        (strategy, length, more, seed) => {
          const kernel = SampleKernel.take(capacity, 0);
          const sentences = Int32Array.from({ length: Math.ceil(length / 7) }, (_, sentence) => sentence * 7);
          const options = { strategy, targetLength: length + more, segmentSentences: 2, skips: "uniform" } as const;
          const { positions } = kernel.finish(length, drawPlacement(length, sentences, options, new Random(seed)));
          expect(positions).toEqual(drawPositions(length, sentences, options, new Random(seed)).positions);
          kernel.release();
        },
      ),
    );
  });

  it("lays samples one behind the other until reset, and gives arrays of their own where there is no room left", () => {
    const kernel = SampleKernel.take(100, 40);
    const placement = { segments: Int32Array.of(0), skips: Int32Array.of(0) };
    const made = [1, 2, 3].map((id) => {
      kernel.ids.fill(id, kernel.begin, kernel.begin + 15);
      return kernel.finish(15, placement);
    });
    expect(made.map(({ ids }) => [ids.length, ids[0], ids[14]])).toEqual([
      [15, 1, 1],
      [15, 2, 2],
      [15, 3, 3],
    ]);
    expect(made.map(({ ids }) => ids.buffer === kernel.ids.buffer)).toEqual([true, true, false]);
    expect(made[1]!.ids.byteOffset).toBe(made[0]!.ids.byteOffset + 60);
    kernel.reset();
    expect(kernel.begin).toBe(0);
    kernel.release();
  });
});
