import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../../src/recipe/random.js";
import { SampleKernel } from "../../../src/recipe/kernel/sampleKernel.js";
import { chooseRanked, chooseRun, countImpactful, type Ranking } from "../../../src/recipe/select.js";
import { significance } from "../../../src/recipe/significance.js";
import { rankSentences } from "./ranking.js";

const documents = fc.array(fc.record({ length: fc.integer({ min: 1, max: 60 }), share: fc.integer({ min: 0, max: 100 }) }), {
  minLength: 1,
  maxLength: 80,
});
const orders = fc.constantFrom("density", "sum", "random" as const);

const kernel = SampleKernel.take(5_000, 0);

function chosen(lengths: Int32Array, impactful: Int32Array, ranking: Ranking, budget: number, random: Random): Int32Array {
  kernel.lengths.set(lengths);
  kernel.impactful.set(impactful);
  return kernel.kept.slice(0, chooseRanked(kernel, lengths.length, ranking, budget, random));
}

describe("countImpactful", () => {
  it("counts by sentence what reaches the threshold", () => {
    const scores = Float32Array.of(Number.NaN, 1, 2, -3, 5, 2);
    const counts = countImpactful(Int32Array.of(0, 2, 4), scores, 2);
    expect([...counts.impactful]).toEqual([0, 1, 2]);
    expect([...counts.score]).toEqual([0, 2, 7]);
  });
});

describe("significance", () => {
  const base = { logit: Float32Array.of(Number.NaN, 3, 1), logprob: Float32Array.of(Number.NaN, -1, -2) };
  const extended = { logit: Float32Array.of(Number.NaN, 1, 4), logprob: Float32Array.of(Number.NaN, -1.5, -1) };

  it("is extended less base, by the chosen measure, and NaN for the first token", () => {
    expect([...significance(base, extended, "logit")]).toEqual([Number.NaN, -2, 3]);
    expect([...significance(base, extended, "absolute")]).toEqual([Number.NaN, 2, 3]);
    expect([...significance(base, extended, "logprob")]).toEqual([Number.NaN, -0.5, 1]);
  });

  it("refuses scores of different documents", () => {
    expect(() => significance(base, { ...extended, logit: new Float32Array(2) }, "logit")).toThrow(RangeError);
  });
});

describe("rankingKeys and chooseRanked", () => {
  it("keep whole sentences in the order of the text, within the budget, and leave no room that a sentence would fit", () => {
    fc.assert(
      fc.property(
        documents,
        orders,
        fc.boolean(),
        fc.integer({ min: 1, max: 1_500 }),
        fc.nat(),
        (sentences, order, strict, budget, seed) => {
          const lengths = Int32Array.from(sentences, ({ length }) => length);
          const impactful = Int32Array.from(sentences, ({ length, share }) => Math.floor((length * share) / 100));
          const ranked = rankSentences(lengths, impactful, { order, strict }, new Random(seed));
          expect([...ranked].sort((a, b) => a - b)).toEqual(sentences.map((_, at) => at));
          const kept = chosen(lengths, impactful, { order, strict }, budget, new Random(seed));
          kept.forEach((sentence, at) => at > 0 && expect(sentence).toBeGreaterThan(kept[at - 1]!));
          const total = kept.reduce((sum, sentence) => sum + lengths[sentence]!, 0);
          expect(total).toBeLessThanOrEqual(budget);
          const left = new Set(kept);
          // The same as going through the whole ranking.
          let room = budget;
          const greedy = ranked.filter((sentence) => lengths[sentence]! <= room && (room -= lengths[sentence]!) >= 0);
          expect([...kept]).toEqual([...greedy].sort((a, b) => a - b));
          lengths.forEach((length, sentence) => left.has(sentence) || expect(length).toBeGreaterThan(budget - total));
        },
      ),
    );
  });

  it("takes anchors before the rest, and strictly by density or sum", () => {
    fc.assert(
      fc.property(documents, fc.constantFrom("density", "sum" as const), fc.boolean(), fc.nat(), (sentences, order, strict, seed) => {
        const lengths = Int32Array.from(sentences, ({ length }) => length);
        const impactful = Int32Array.from(sentences, ({ length, share }) => Math.floor((length * share) / 100));
        const ranked = rankSentences(lengths, impactful, { order, strict }, new Random(seed));
        const measures = Array.from(ranked, (at) => (order === "sum" ? impactful[at]! : impactful[at]! / lengths[at]!));
        measures.forEach((measure, at) => {
          if (at === 0) return;
          const before = measures[at - 1]!;
          if (strict) expect(measure).toBeLessThanOrEqual(before);
          else expect(before === 0 && measure > 0).toBe(false);
        });
      }),
    );
  });

  it("draws anchors in proportion to their measure when it is not strict", () => {
    const random = new Random(11, "weights");
    let first = 0;
    for (let draw = 0; draw < 4_000; draw++) {
      if (rankSentences(Int32Array.of(10, 10), Int32Array.of(3, 1), { order: "sum", strict: false }, random)[0] === 0) first++;
    }
    // 3 of 4, plus or minus four standard deviations.
    expect(Math.abs(first / 4_000 - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / 4_000));
  });

  it("upsample draws an average anchor that many times as often as a sentence without impactful tokens", () => {
    const random = new Random(12, "upsample");
    const first = new Float64Array(4);
    // Two anchors of 3 and 1 impactful tokens (mean 2), two sentences without any: weights 7.5, 2.5, 1, 1 of 12.
    for (let draw = 0; draw < 12_000; draw++) {
      const at = rankSentences(
        Int32Array.of(9, 9, 9, 9),
        Int32Array.of(3, 1, 0, 0),
        { order: "sum", upsample: 5, strict: true },
        random,
      )[0]!;
      first[at] = first[at]! + 1;
    }
    const expected = [7_500, 2_500, 1_000, 1_000];
    // 3 degrees of freedom: 99.9 % point 16.3.
    expect(expected.reduce((sum, count, at) => sum + (first[at]! - count) ** 2 / count, 0)).toBeLessThan(16.3);
  });
});

describe("chooseRun", () => {
  it("gives one run of sentences within the budget, more than which would not fit", () => {
    fc.assert(
      fc.property(documents, fc.integer({ min: 60, max: 1_500 }), fc.nat(), (sentences, budget, seed) => {
        const lengths = Int32Array.from(sentences, ({ length }) => length);
        const kept = chooseRun(lengths, budget, new Random(seed));
        expect(kept.length).toBeGreaterThan(0);
        kept.forEach((sentence, at) => expect(sentence).toBe(kept[0]! + at));
        const total = kept.reduce((sum, sentence) => sum + lengths[sentence]!, 0);
        expect(total).toBeLessThanOrEqual(budget);
        const next = lengths[kept.at(-1)! + 1];
        if (next !== undefined) expect(total + next).toBeGreaterThan(budget);
      }),
    );
  });
});
