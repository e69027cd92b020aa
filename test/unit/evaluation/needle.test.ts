import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { doublingLengths, needleLengths } from "../../../src/evaluation/lengths.js";
import {
  buildPrompt,
  distractorCount,
  haystackTokens,
  leastHaystack,
  planNeedles,
  scoreAnswer,
  type HaystackSentence,
  type Piece,
} from "../../../src/evaluation/needle.js";
import { needleSchema } from "../../../src/protocol/recipe.js";
import { Random } from "../../../src/recipe/random.js";

const settings = needleSchema.parse({});

/** A sentence of `tokens` tokens, each written as its id in angle brackets. */
function sentence(firstId: number, tokens: number): HaystackSentence {
  const ids = Int32Array.from({ length: tokens }, (_, at) => firstId + at);
  return { ...piece(ids), starts: Int32Array.from(ids, (_, at) => [...ids.subarray(0, at)].map(String).join("").length + 2 * at) };
}

function piece(ids: Int32Array): Piece {
  return { ids, text: [...ids].map((id) => `<${id}>`).join("") };
}

const grids = fc.record({
  sentences: fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 30, maxLength: 60 }),
  haystack: fc.integer({ min: leastHaystack, max: 30 }),
  depth: fc.double({ min: 0, max: 1, noNaN: true }),
  distractors: fc.integer({ min: 0, max: 6 }),
  seed: fc.nat(),
});

describe("buildPrompt", () => {
  it("gives exactly the asked length, needle at the border nearest to the depth, question last, text that matches the ids", () => {
    fc.assert(
      fc.property(grids, ({ sentences, haystack, depth, distractors, seed }) => {
        let id = 1_000;
        const hay = sentences.map((tokens) => sentence((id += tokens) - tokens, tokens));
        const plan = {
          needle: piece(Int32Array.of(1, 2, 3)),
          question: piece(Int32Array.of(7, 8)),
          distractors: Array.from({ length: distractors }, (_, at) => piece(Int32Array.of(100 + at, 200 + at))),
        };
        const length = haystack + 5 + 2 * distractors;
        expect(haystackTokens(plan, length)).toBe(haystack);
        const prompt = buildPrompt(plan, length, depth, hay, new Random(seed));
        expect(prompt.ids.length).toBe(length);
        expect([...prompt.ids.subarray(length - 2)]).toEqual([7, 8]);
        expect([...prompt.ids.subarray(prompt.needleAt, prompt.needleAt + 3)]).toEqual([1, 2, 3]);
        expect(prompt.text).toBe([...prompt.ids].map((one) => `<${one}>`).join(""));
        // The haystack is a run of the text that ends at the end of a sentence.
        const kept = [...prompt.ids].filter((one) => one >= 1_000);
        kept.forEach((one, at) => at > 0 && expect(one).toBe(kept[at - 1]! + 1));
        const ends = new Set(hay.map(({ ids }) => ids.at(-1)!));
        expect(ends.has(kept.at(-1)!)).toBe(true);
        // No border is nearer to the wanted depth than the one taken.
        const borders = [0, ...kept.flatMap((one, at) => (ends.has(one) ? [at + 1] : []))];
        expect(borders).toContain(prompt.haystackBefore);
        const distance = Math.abs(prompt.haystackBefore - depth * haystack);
        for (const border of borders) expect(distance).toBeLessThanOrEqual(Math.abs(border - depth * haystack));
        for (const distractor of plan.distractors) expect([...prompt.ids].filter((one) => one === distractor.ids[0])).toHaveLength(1);
      }),
    );
  });

  it("puts depth 0 first and depth 1 right before the question", () => {
    const hay = Array.from({ length: 40 }, (_, at) => sentence(1_000 + 5 * at, 5));
    const plan = {
      needle: piece(Int32Array.of(1)),
      question: piece(Int32Array.of(9)),
      distractors: [piece(Int32Array.of(2)), piece(Int32Array.of(3))],
    };
    expect(buildPrompt(plan, 54, 0, hay, new Random(1)).needleAt).toBe(0);
    expect(buildPrompt(plan, 54, 1, hay, new Random(1)).needleAt).toBe(52);
  });

  it("refuses what cannot be built", () => {
    const plan = { needle: piece(Int32Array.of(1)), question: piece(Int32Array.of(9)), distractors: [] };
    expect(() => buildPrompt(plan, 8, 0, [sentence(1_000, 50)], new Random(1))).toThrow("no room");
    expect(() => buildPrompt(plan, 80, 0, [sentence(1_000, 50)], new Random(1))).toThrow("50 tokens; 78 are needed");
  });
});

describe("planNeedles", () => {
  it("fills the grid with facts whose keys and values differ, the same for equal seeds", () => {
    const plans = planNeedles(settings, [1_024, 2_048], 3);
    expect(plans.length).toBe(2 * settings.depths.length * settings.trials);
    expect(plans).toEqual(planNeedles(settings, [1_024, 2_048], 3));
    for (const plan of plans) {
      expect(plan.needle).toContain(plan.expected);
      expect(plan.question).not.toContain(plan.expected);
      expect(plan.needle.startsWith(plan.question)).toBe(true);
      expect(plan.expected).toMatch(/^\d{5}$/u);
      const facts = [plan.needle, ...plan.distractors];
      expect(new Set(facts.map((fact) => /of (\w+)/u.exec(fact)?.[1])).size).toBe(4);
      expect(new Set(facts.map((fact) => /\d+/u.exec(fact)?.[0])).size).toBe(4);
    }
    expect(new Set(plans.map(({ needle }) => needle)).size).toBe(plans.length);
  });

  it("keeps the facts of a length when others are added", () => {
    expect(planNeedles(settings, [2_048], 3)[0]!.needle).toBe(
      planNeedles(settings, [1_024, 2_048], 3).find(({ length }) => length === 2_048)!.needle,
    );
  });

  it("spaces distractors by length where asked", () => {
    expect(distractorCount(settings, 100_000)).toBe(3);
    expect(distractorCount({ distractors: 3, distractorSpacing: 128 }, 2_048)).toBe(16);
    expect(distractorCount({ distractors: 3, distractorSpacing: 128 }, 128)).toBe(3);
  });
});

describe("scoreAnswer", () => {
  it.each([
    [" 12345.", "12345", 1],
    ["12345", "12345", 1],
    ["\n 12345 and", "12345", 1],
    ["123456", "12345", 0],
    ["1234", "12345", 0],
    ["the code is 12345", "12345", 0],
    ["", "12345", 0],
  ])("%j for %s scores %i", (answer, expected, score) => {
    expect(scoreAnswer(answer, expected)).toBe(score);
  });
});

describe("lengths", () => {
  it("double from a quarter of the window to the target", () => {
    expect(doublingLengths(256, 2_048)).toEqual([64, 128, 256, 512, 1_024, 2_048]);
    expect(doublingLengths(8_192, 80_000)).toEqual([2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 80_000]);
    expect(needleLengths({ lengths: [9, 3, 9] }, 256, 2_048)).toEqual([3, 9]);
  });
});
