import { describe, expect, it } from "vitest";
import { agreement } from "../../../src/study/agreement.js";
import { classOf } from "../../../src/study/tokenClasses.js";

function scores(threshold: number, ...documents: number[][]) {
  return { threshold, documents: new Map(documents.map((values, at) => [at, Float32Array.from(values)])) };
}

describe("agreement of scores", () => {
  it("is complete for scores of one order, whatever their scale", () => {
    const found = agreement(scores(3, [NaN, 1, 2, 3, 4]), scores(30, [NaN, 10, 20, 30, 40]));
    expect(found).toMatchObject({ tokens: 4, overlap: 1, chance: 0.5 });
    expect(found.spearman).toBeCloseTo(1);
  });

  it("is inverse for scores of the opposite order", () => {
    const found = agreement(scores(3, [1, 2], [3, 4]), scores(3, [4, 3], [2, 1]));
    expect(found.spearman).toBeCloseTo(-1);
    expect(found.overlap).toBe(0);
  });

  it("counts only tokens that both score", () => {
    expect(agreement(scores(0, [NaN, 1, 2], [1]), scores(0, [5, NaN, 2], [1, 2])).tokens).toBe(1);
  });
});

describe("kinds of tokens", () => {
  it.each([
    [" 42", "numeral"],
    ["Ⅷ", "numeral"],
    [" word", "word"],
    ["日本", "word"],
    ["\n\n", "blank"],
    [".", "punctuation"],
    ["🙂", "punctuation"],
  ] as const)("%j is a %s", (text, kind) => {
    expect(classOf(text)).toBe(kind);
  });
});
