import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meteorOfSets, meteorOfTexts } from "../../../../src/evaluation/metrics/meteor.js";
import { porterStem } from "../../../../src/evaluation/metrics/porter.js";
import { NoWordNet, WordNet, wordNetFiles } from "../../../../src/evaluation/metrics/wordNet.js";
// What nltk 3.10 gives for these texts with WordNet 3.0; `sets`: its mean over 4,000 orders of the words of both sets.
import golden from "./meteor.json" with { type: "json" };

const folder = join(import.meta.dirname, "wordnet");
const files = () => new Map(wordNetFiles.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
const wordNet = new WordNet(files());
const synonyms = (word: string) => wordNet.synonyms(word);

describe("METEOR", () => {
  it.each(golden.meteor)("of '$answer' is nltk's", ({ answer, reference, meteor, sets }) => {
    expect(meteorOfTexts(answer, reference, synonyms)).toBeCloseTo(meteor, 10);
    // The mean of 16 draws: of short texts each is one of a few values.
    expect(Math.abs(meteorOfSets(answer, reference, synonyms) - sets)).toBeLessThan(0.06);
  });

  it("needs the synonyms for what it finds alike", () => {
    const [answer, reference] = ["the physician answered", "the doctor replied"];
    expect(meteorOfTexts(answer, reference, () => new Set())).toBeLessThan(meteorOfTexts(answer, reference, synonyms));
  });

  it("stays between 0 and 1, and is the same for any case of letters", () => {
    const text = fc.array(fc.constantFrom("the", "cat", "Cats", "ran", "run", "car", "automobile", "x")).map((words) => words.join(" "));
    fc.assert(
      fc.property(text, text, (answer, reference) => {
        const score = meteorOfTexts(answer, reference, synonyms);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(meteorOfTexts(answer.toUpperCase(), reference, synonyms)).toBe(score);
      }),
    );
  });
});

describe("the Porter stemmer", () => {
  it("stems as nltk does", () => {
    const stems = Object.fromEntries(Object.keys(golden.stems).map((word) => [word, porterStem(word)]));
    expect(stems).toEqual(golden.stems);
  });
});

describe("WordNet", () => {
  it("knows a word's synonyms, whatever its form", () => {
    const found = Object.fromEntries(Object.keys(golden.synonyms).map((word) => [word, [...wordNet.synonyms(word)].sort()]));
    expect(found).toEqual(golden.synonyms);
  });

  it("takes nothing else for WordNet", () => {
    const without = files();
    without.delete("verb.exc");
    expect(() => new WordNet(without)).toThrow(new NoWordNet("verb.exc is missing"));
    expect(() => new WordNet(files().set("index.noun", new TextEncoder().encode("car n 5 0\n")))).toThrow(NoWordNet);
    // Offsets of another release.
    const other = new WordNet(files().set("data.noun", new TextEncoder().encode("something else\n".repeat(999))));
    expect(() => other.synonyms("car")).toThrow(NoWordNet);
  });
});
