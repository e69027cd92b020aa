import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { doublingLengths, needleLengths } from "../../../src/evaluation/lengths.js";
import { scoreOf, type MetricName } from "../../../src/evaluation/metrics.js";
import {
  assemblePrompt,
  haystackTokens,
  hideFacts,
  leastHaystack,
  type HaystackSentence,
  type Piece,
} from "../../../src/evaluation/needle.js";
import { distractorCount, keysNeeded, planNeedles } from "../../../src/evaluation/needlePlan.js";
import { needleKinds, needleSchema } from "../../../src/protocol/recipe.js";
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

const nothing = piece(new Int32Array(0));

const grids = fc.record({
  sentences: fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 30, maxLength: 60 }),
  haystack: fc.integer({ min: leastHaystack, max: 30 }),
  depths: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
  distractors: fc.integer({ min: 0, max: 6 }),
  seed: fc.nat(),
});

describe("prompts", () => {
  it("have exactly the asked length, needles at the borders nearest to their depths, the question last, text that matches the ids", () => {
    fc.assert(
      fc.property(grids, ({ sentences, haystack, depths, distractors, seed }) => {
        let id = 1_000;
        const hay = sentences.map((tokens) => sentence((id += tokens) - tokens, tokens));
        const needles = depths.map((depth, at) => ({ piece: piece(Int32Array.of(10 * at, 10 * at + 1, 10 * at + 2)), depth }));
        const others = Array.from({ length: distractors }, (_, at) => piece(Int32Array.of(100 + at, 200 + at)));
        const before = piece(Int32Array.of(7));
        const question = piece(Int32Array.of(8, 9));
        const length = haystack + 3 * depths.length + 2 * distractors + 3;
        const room = haystackTokens([before, question, ...needles.map((needle) => needle.piece), ...others], length);
        expect(room).toBe(haystack);
        const stack = hideFacts(needles, others, room, hay, new Random(seed));
        const prompt = assemblePrompt(before, stack, question);
        expect(prompt.ids.length).toBe(length);
        expect(prompt.ids[0]).toBe(7);
        expect([...prompt.ids.subarray(length - 2)]).toEqual([8, 9]);
        expect(prompt.text).toBe([...prompt.ids].map((one) => `<${one}>`).join(""));
        // The haystack is a run of the text that ends at the end of a sentence.
        const kept = [...prompt.ids].filter((one) => one >= 1_000);
        kept.forEach((one, at) => at > 0 && expect(one).toBe(kept[at - 1]! + 1));
        const ends = new Set(hay.map(({ ids }) => ids.at(-1)!));
        expect(ends.has(kept.at(-1)!)).toBe(true);
        // No border is nearer to the wanted depth than the one taken.
        const borders = [0, ...kept.flatMap((one, at) => (ends.has(one) ? [at + 1] : []))];
        needles.forEach((needle, place) => {
          const { at, haystackBefore } = stack.places[place]!;
          expect([...stack.ids.subarray(at, at + 3)]).toEqual([...needle.piece.ids]);
          expect(borders).toContain(haystackBefore);
          const distance = Math.abs(haystackBefore - needle.depth * haystack);
          for (const border of borders) expect(distance).toBeLessThanOrEqual(Math.abs(border - needle.depth * haystack));
        });
        for (const distractor of others) expect([...prompt.ids].filter((one) => one === distractor.ids[0])).toHaveLength(1);
      }),
    );
  });

  it("put depth 0 first and depth 1 last", () => {
    const hay = Array.from({ length: 40 }, (_, at) => sentence(1_000 + 5 * at, 5));
    const others = [piece(Int32Array.of(2)), piece(Int32Array.of(3))];
    const both = [0, 1].map((depth) => ({ piece: piece(Int32Array.of(1 + 4 * depth)), depth }));
    expect(hideFacts(both, others, 50, hay, new Random(1)).places.map(({ at }) => at)).toEqual([0, 53]);
  });

  it("are refused where they cannot be built", () => {
    const needle = { piece: piece(Int32Array.of(1)), depth: 0 };
    expect(() => hideFacts([needle], [], leastHaystack - 1, [sentence(1_000, 50)], new Random(1))).toThrow("no room");
    expect(() => hideFacts([needle], [], 78, [sentence(1_000, 50)], new Random(1))).toThrow("50 tokens; 78 are needed");
    expect(assemblePrompt(nothing, piece(Int32Array.of(1)), nothing).ids).toHaveLength(1);
  });
});

describe("planNeedles", () => {
  it("fills the grid with facts whose keys and values differ, the same for equal seeds", () => {
    const plans = planNeedles("sentence", settings, [1_024, 2_048], 3);
    expect(plans.length).toBe(2 * settings.depths.length * settings.trials);
    expect(plans).toEqual(planNeedles("sentence", settings, [1_024, 2_048], 3));
    for (const { needles, distractors, asked } of plans) {
      const [{ references, question }] = [asked[0]!];
      const [needle] = needles;
      expect(needle!.text).toContain(references[0]);
      expect(needle!.text.startsWith(question)).toBe(true);
      expect(references).toEqual([expect.stringMatching(/^\d{5}$/u)]);
      const facts = [needle!.text, ...distractors];
      expect(new Set(facts.map((fact) => /of (\w+)/u.exec(fact)?.[1])).size).toBe(4);
      expect(new Set(facts.map((fact) => /\d+/u.exec(fact)?.[0])).size).toBe(4);
    }
    expect(new Set(plans.map(({ needles }) => needles[0]!.text)).size).toBe(plans.length);
  });

  it.each(needleKinds)("hides everything that it asks for, once, and gives no answer away: %s", (kind) => {
    for (const haystacks of ["own", "shared"] as const) {
      for (const prompting of ["base", "chat"] as const) {
        const chosen = { ...settings, haystacks, prompting };
        const plans = planNeedles(kind, chosen, [512], 5);
        expect(plans.length).toBe(haystacks === "own" ? 20 : 4);
        expect(plans.flatMap(({ asked }) => asked)).toHaveLength(20);
        for (const { asked, needles, distractors, intro } of plans) {
          expect(new Set(asked.map(({ question }) => question)).size).toBe(asked.length);
          const values = asked.flatMap(({ references }) => references);
          expect(new Set(values).size).toBe(values.length);
          expect(needles).toHaveLength(values.length);
          expect(distractors).toHaveLength(kind === "passkey" ? 0 : 3);
          for (const { references, needles: own, question, answerPrefix, depth } of asked) {
            references.forEach((value, at) => {
              expect(own[at]).toContain(value);
              expect(needles.filter(({ text }) => text.includes(value))).toHaveLength(1);
              expect([intro, question, answerPrefix ?? "", ...distractors].join()).not.toContain(value);
            });
            expect(needles.find(({ text }) => text === own[0])!.depth).toBe(depth);
            expect(answerPrefix !== undefined).toBe(prompting === "chat");
          }
        }
      }
    }
    expect(keysNeeded(kind, { ...settings, haystacks: "shared" }, 512)).toBe(kind === "passkey" ? 5 : 8);
  });

  it("asks a chat model a question, and a sentence of another form to be completed", () => {
    const asked = (question: string) =>
      planNeedles("sentence", { ...settings, prompting: "chat", keys: ["Rome", "Bonn"], distractors: 0, question }, [64], 1)[0]!.asked[0]!;
    const first = asked(settings.question);
    expect(first.question).toMatch(/^\n\nWhat is the access code of \w+, according to the text\?$/u);
    expect(first.answerPrefix).toMatch(/^The access code of \w+ is$/u);
    expect(asked("Der Code von {key} lautet").question).toContain("Complete this sentence by what the text says: Der Code von");
  });

  it("keeps the facts of a length when others are added", () => {
    expect(planNeedles("sentence", settings, [2_048], 3)[0]!.needles).toEqual(
      planNeedles("sentence", settings, [1_024, 2_048], 3).find(({ length }) => length === 2_048)!.needles,
    );
  });

  it("spaces distractors by length where asked", () => {
    expect(distractorCount(settings, 100_000)).toBe(3);
    expect(distractorCount({ distractors: 3, distractorSpacing: 128 }, 2_048)).toBe(16);
    expect(distractorCount({ distractors: 3, distractorSpacing: 128 }, 128)).toBe(3);
  });
});

describe("scores", () => {
  const uuid = "8f14e45f-ceea-467f-9d2a-1c2b3d4e5f60";
  it.each<[MetricName, string, string[], number]>([
    ["needle-exact", " 12345.", ["12345"], 1],
    ["needle-exact", "12345", ["12345"], 1],
    ["needle-exact", "\n 12345 and", ["12345"], 1],
    ["needle-exact", "123456", ["12345"], 0],
    ["needle-exact", "1234", ["12345"], 0],
    ["needle-exact", "the code is 12345", ["12345"], 0],
    ["needle-exact", "", ["12345"], 0],
    ["needle-exact", ` ${uuid}.`, [uuid], 1],
    ["needle-exact", ` ${uuid}a`, [uuid], 0],
    ["needle-fuzzy", "the code is 12345", ["12345"], 1],
    ["needle-fuzzy", "the code is 12355", ["12345"], 0.8],
    ["needle-fuzzy", "the code is 1345", ["12345"], 0.8],
    ["needle-fuzzy", "", ["12345"], 0],
    ["needle-recall", "111, 222 and 333", ["333", "111", "444", "555"], 0.5],
    ["needle-recall", "1111, 3331", ["111", "333"], 0],
    ["needle-recall-fuzzy", "12345, 66666", ["12345", "66667"], 0.9],
  ])("%s: %j for %j is %d", (metric, answer, references, score) => {
    expect(scoreOf(metric, answer, references)).toBeCloseTo(score, 10);
  });
});

describe("lengths", () => {
  it("double from a quarter of the window to the target", () => {
    expect(doublingLengths(256, 2_048)).toEqual([64, 128, 256, 512, 1_024, 2_048]);
    expect(doublingLengths(8_192, 80_000)).toEqual([2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 80_000]);
    expect(needleLengths({ lengths: [9, 3, 9] }, 256, 2_048)).toEqual([3, 9]);
  });
});
