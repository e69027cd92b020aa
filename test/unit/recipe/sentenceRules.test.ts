import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latinSentences } from "../../../src/recipe/sentenceRules.js";

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

function reference(text: string): number[] {
  return [...segmenter.segment(text)].map(({ index }) => index);
}

const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const latin = Array.from({ length: 0xc0 }, (_, code) => String.fromCharCode(0xc0 + code));
const signs = Array.from("\u00a0\u00ab\u00bb\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014");
/** Characters between which borders are decided come often. */
const often = Array.from(".. ..!?  \n\r\t,:;-()[]\"'aZb9Aé\u2019\u201d");
const characters = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...often) },
  { weight: 2, arbitrary: fc.constantFrom(...ascii) },
  { weight: 1, arbitrary: fc.constantFrom(...latin, ...signs) },
);

describe("latinSentences", () => {
  it("equals Intl.Segmenter on all texts of its characters", () => {
    fc.assert(
      fc.property(fc.array(characters, { minLength: 1, maxLength: 60, size: "max" }), (parts) => {
        const text = parts.join("");
        expect(latinSentences(text, 0, text.length)).toEqual(reference(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("knows the class of each of its characters, in every kind of place", () => {
    for (const character of [...ascii, ...latin, ...signs]) {
      for (const [before, after] of [
        ["a. ", " b"],
        ["a. ", " B"],
        ["A.", "B c"],
        ["1.", "5"],
        ["x? ", "Y"],
        ["x.", " Y"],
        ["", ". Y"],
        ["", ".Y"],
        ["a", "b"],
      ]) {
        const text = `${before}${character}${after}`;
        expect([text, latinSentences(text, 0, text.length)]).toEqual([text, reference(text)]);
      }
    }
  });

  it("leaves other characters alone, and looks at nothing outside the piece", () => {
    expect(latinSentences("Hi. 今日", 0, 6)).toBeNull();
    expect(latinSentences("今Hi. No.今", 1, 8)).toEqual([0, 4]);
  });
});
