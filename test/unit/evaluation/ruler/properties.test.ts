/** What holds for every task, length, seed and tokenizer. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchAll, matchPart } from "../../../../src/evaluation/metrics/ruler.js";
import { buildRulerTask, niahTasks, type RulerTaskSamples } from "../../../../src/evaluation/ruler/build.js";
import { countedBy, countTogether } from "../../../../src/evaluation/ruler/counting.js";
import { zetaCounts } from "../../../../src/evaluation/ruler/frequentWords.js";
import { essayDepths } from "../../../../src/evaluation/ruler/niah.js";
import { PythonRandom } from "../../../../src/evaluation/ruler/pythonRandom.js";
import { drawKey } from "../../../../src/evaluation/ruler/words.js";
import { adjectives, nouns } from "../../../../src/evaluation/ruler/wonderwords.js";
import { rulerTasks, type RulerTask } from "../../../../src/protocol/recipe/ruler.js";
import { sources } from "./sources.js";

const given = sources();

/** Tokenizers of different grain: a token is at most so many letters or digits, or another sign. */
function countBy(grain: number): (texts: readonly string[]) => number[] {
  const token = new RegExp(`[\\p{L}\\d]{1,${grain}}|[^\\p{L}\\d\\s]|\\n`, "gu");
  return (texts) => texts.map((text) => text.match(token)?.length ?? 0);
}

function build(task: RulerTask, length: number, seed: number, grain: number, reserved = 0): RulerTaskSamples {
  return countedBy(buildRulerTask({ task, length, samples: 3, seed, reserved }, given), countBy(grain));
}

const anyTask = fc.constantFrom(...rulerTasks);
const anyPrompt = fc.record({
  task: anyTask,
  length: fc.integer({ min: 1, max: 6000 }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  grain: fc.integer({ min: 1, max: 8 }),
  reserved: fc.integer({ min: 0, max: 40 }),
});

describe("RULER prompts", () => {
  it("are never longer than the length, and name their answers", () => {
    fc.assert(
      fc.property(anyPrompt, ({ task, length, seed, grain, reserved }) => {
        const { samples, answerTokens } = build(task, length, seed, grain, reserved);
        for (const { text, answerPrefix, references, tokens } of samples) {
          expect(countBy(grain)([text + answerPrefix])).toEqual([tokens]);
          expect(tokens + answerTokens + reserved).toBeLessThanOrEqual(length);
          // The answers of question answering are said, but in HotpotQA not always by the documents.
          if (task !== "qa_2") expect(matchAll(text, references)).toBe(1);
          expect(new Set(references).size).toBe(references.length);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it("are the same for the same seed, and others for another", () => {
    for (const task of rulerTasks) {
      expect(build(task, 2048, 7, 4)).toEqual(build(task, 2048, 7, 4));
      expect(build(task, 2048, 7, 4)).not.toEqual(build(task, 2048, 8, 4));
    }
  });

  it("fill published lengths to a step, and come out at short ones, too", () => {
    for (const task of rulerTasks.filter((name) => !name.startsWith("qa_"))) {
      const { samples, answerTokens } = build(task, 4096, 42, 4);
      expect(samples.length, task).toBe(3);
      for (const { tokens } of samples) expect(tokens + answerTokens, task).toBeGreaterThan(0.65 * 4096);
    }
    for (const task of rulerTasks) expect(build(task, task === "cwe" || task === "qa_2" ? 1024 : 512, 42, 8).samples.length, task).toBe(3);
    for (const task of rulerTasks) expect(build(task, 40, 42, 8).samples, task).toEqual([]);
  });

  it("hide needles that are told apart by their keys, in order of the depths published", () => {
    expect(essayDepths).toHaveLength(40);
    expect(new Set(essayDepths).size).toBe(40);
    for (const task of ["niah_multikey_1", "niah_multiquery"] as const) {
      for (const { text } of build(task, 4096, 3, 4).samples) {
        const keys = [...text.matchAll(/magic numbers for (.+?) is: (\d{7})\./gu)];
        expect(keys).toHaveLength(4);
        expect(new Set(keys.map(([, key]) => key)).size).toBe(4);
      }
    }
    for (const { text, references } of build("niah_multivalue", 4096, 3, 4).samples) {
      const found = [...text.matchAll(/magic numbers for (.+?) is: (\d{7})\./gu)];
      expect(new Set(found.map(([, key]) => key)).size).toBe(1);
      expect(found.map(([, , value]) => value).sort()).toEqual([...references].sort());
    }
    for (const { text } of build("niah_multikey_3", 4096, 3, 4).samples) {
      const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u;
      for (const [, key = "", value = ""] of text.matchAll(/magic uuids for (\S+) is: (\S+)\./gu))
        expect([key, value].every((id) => uuid.test(id))).toBe(true);
    }
  });

  it("cover all eight needle tasks", () => {
    expect(Object.keys(niahTasks)).toEqual(rulerTasks.filter((task) => task.startsWith("niah_")));
  });

  it("count together as they do alone", async () => {
    const all = rulerTasks.map((task) => buildRulerTask({ task, length: 1500, samples: 2, seed: 1, reserved: 0 }, given));
    const together = await countTogether(all, (texts) => Promise.resolve(countBy(4)(texts)));
    const alone = rulerTasks.map((task) =>
      countedBy(buildRulerTask({ task, length: 1500, samples: 2, seed: 1, reserved: 0 }, given), countBy(4)),
    );
    expect(together).toEqual(alone);
  });
});

describe("what RULER draws", () => {
  it("keys are pairs of an adjective and a noun", () => {
    const random = PythonRandom.seeded(1);
    const kinds = new Set(adjectives);
    const things = new Set(nouns);
    for (let drawn = 0; drawn < 2000; drawn++) {
      const key = drawKey(random);
      const hyphens = [...key.matchAll(/-/gu)].map(({ index }) => index);
      expect(hyphens.some((at) => kinds.has(key.slice(0, at)) && things.has(key.slice(at + 1)))).toBe(true);
    }
  });

  it("frequencies fall with the square of the rank", () => {
    expect(zetaCounts(1000, 5)).toEqual([607, 151, 67, 37, 24]);
  });

  it("numbers are those of CPython's random.Random(42)", () => {
    const random = PythonRandom.seeded(42);
    expect(random.unit()).toBe(0.6394267984578837);
    expect(random.integer(1_000_000, 9_999_999)).toBe(1_419_610);
    expect(random.sample(100, 4)).toEqual([94, 35, 31, 28]);
    expect(random.sample(100, 20)).toEqual([17, 94, 13, 86, 69, 11, 75, 54, 4, 3, 27, 29, 64, 77, 71, 25, 91, 83, 89, 53]);
    expect(random.sample(30, 25)).toEqual([7, 14, 18, 8, 25, 0, 5, 22, 13, 10, 26, 4, 6, 20, 3, 1, 17, 28, 23, 11, 9, 27, 24, 16, 15]);
    expect(random.shuffle([1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual([6, 8, 7, 3, 5, 1, 4, 2, 9]);
    expect(random.letters("abcdefghijklmnopqrstuvwxyz", 6)).toBe("psbfhc");
    expect(random.uuid()).toBe("614ff3d7-19db-4ad0-9dd1-dfb23b982ef8");
  });
});

describe("RULER's scoring", () => {
  it("finds references whatever their case, in parts or any", () => {
    expect(matchAll(" It is ABC-1 and\tdef.", ["abc-1", "DEF", "ghi", "jkl"])).toBe(0.5);
    expect(matchPart("I think Paris", ["London", "paris"])).toBe(1);
    expect(matchPart("I think Rome", ["London", "paris"])).toBe(0);
    expect(matchAll("", ["x"])).toBe(0);
  });
});
