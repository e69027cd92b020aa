import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NearDuplicates } from "../../../src/recipe/duplicates.js";
import { Random } from "../../../src/recipe/random.js";
import { eachShingle } from "../../../src/recipe/shingles.js";

const settings = { threshold: 0.8, shingleWords: 5 };

/** A text of words drawn from many. */
function text(random: Random, words: number): string[] {
  return Array.from({ length: words }, () => `w${random.integer(0, 50_000)}`);
}

/** A copy in which `edits` words differ. */
function edited(words: readonly string[], edits: number, random: Random): string[] {
  const copy = [...words];
  for (let edit = 0; edit < edits; edit++) copy[Math.floor((edit * words.length) / edits)] = `new${random.integer(0, 1e6)}`;
  return copy;
}

function shingles(source: string, words: number): number[] {
  const found: number[] = [];
  eachShingle(source, words, 0, (hash) => found.push(hash));
  return found;
}

describe("eachShingle", () => {
  it("hashes every run of words, without case and punctuation, the same wherever it stands", () => {
    expect(shingles("One two, THREE four", 2)).toEqual(shingles("one-two... three  four!", 2));
    expect(shingles("a b c d", 3)[1]).toBe(shingles("b c d", 3)[0]);
    expect(shingles("a b c d", 2)).toHaveLength(3);
    expect(shingles("a b", 5)).toHaveLength(1);
    expect(shingles(" .,", 5)).toEqual([]);
    expect(new Set(shingles("今日は天気がいい", 3)).size).toBe(6);
    expect(shingles("😀 👍", 1)).toHaveLength(2);
  });
});

describe("NearDuplicates", () => {
  it("finds every copy, whatever the text, case and layout", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 80 }), { minLength: 1, maxLength: 20 }), fc.nat(), (texts, seed) => {
        const known = new NearDuplicates(settings, seed);
        for (const one of texts) known.isRepeated(one);
        for (const one of texts) expect(known.isRepeated(one)).toBe(true);
      }),
    );
  });

  it("finds near copies and leaves unlike documents, through growth of its table", () => {
    const random = new Random(1, "documents");
    const known = new NearDuplicates(settings, 7);
    const documents = Array.from({ length: 6_000 }, () => text(random, 60));
    const long = Array.from({ length: 50 }, () => text(random, 2_000));
    for (const words of [...documents, ...long]) expect(known.isRepeated(words.join(" "))).toBe(false);
    // 2,000 words with 20 changed: 100 of 1,996 shingles differ, Jaccard 0.90.
    for (const words of long) expect(known.isRepeated(edited(words, 20, random).join(" "))).toBe(true);
    // 120 changed: 600 differ, Jaccard 0.54.
    for (const words of long) expect(known.isRepeated(edited(words, 120, random).join(" "))).toBe(false);
  });

  it("follows the threshold", () => {
    const random = new Random(2, "documents");
    const words = text(random, 2_000);
    const copy = edited(words, 60, random).join(" "); // 300 of 1,996 differ: Jaccard 0.74
    for (const [threshold, repeated] of [
      [0.5, true],
      [0.6, true],
      [0.9, false],
      [1, false],
    ] as const) {
      const known = new NearDuplicates({ threshold, shingleWords: 5 }, 3);
      known.isRepeated(words.join(" "));
      expect(known.isRepeated(copy)).toBe(repeated);
    }
  });
});
