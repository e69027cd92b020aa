import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxSentence, segmentSentences, sentenceTokens } from "../../../src/recipe/sentences.js";

function cut(text: string): string[] {
  const starts = segmentSentences(text);
  return Array.from(starts, (start, at) => text.slice(start, starts[at + 1] ?? text.length));
}

const fragments = [
  "Hello there. ",
  "Is it 3.5 km? ",
  "今日は天気がいい。",
  "明日は雨でしょう！",
  "مرحبا بالعالم. ",
  "كيف حالك؟ ",
  "👨‍👩‍👧 said hi! ",
  "😀",
  "\n",
  "\r\n",
  "\n\n",
  "   ",
  "\t",
  "\u00a0",
  "a line that is long enough to have been wrapped by hand",
  "- item",
  "x".repeat(700),
  "😀".repeat(1_500),
];
const texts = fc
  .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: "binary", maxLength: 20 })), { maxLength: 40 })
  .map((parts) => parts.join(""));

describe("segmentSentences", () => {
  it("tiles any text with sentences of bounded length that hold something visible", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const starts = segmentSentences(text);
        expect(cut(text).join("")).toBe(text);
        expect(starts.length === 0).toBe(text === "");
        if (text !== "") expect(starts[0]).toBe(0);
        for (const sentence of cut(text)) {
          expect(sentence.trim().length).toBeLessThanOrEqual(maxSentence);
          expect(/\S/u.test(sentence)).toBe(/\S/u.test(text));
        }
        // No pair of surrogates is torn.
        for (const start of starts)
          expect(/^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(Math.max(0, start - 1), start + 1))).toBe(false);
      }),
    );
  });

  it("cuts scripts that do not end sentences with a dot", () => {
    expect(cut("今日は天気がいい。明日は雨でしょう！そうですか？はい")).toEqual([
      "今日は天気がいい。",
      "明日は雨でしょう！",
      "そうですか？",
      "はい",
    ]);
    expect(cut("مرحبا بالعالم. كيف حالك؟ أنا بخير!")).toEqual(["مرحبا بالعالم. ", "كيف حالك؟ ", "أنا بخير!"]);
    expect(cut("  \n\n Hi 👨‍👩‍👧. 😀😀! ok")).toEqual(["  \n\n Hi 👨‍👩‍👧. ", "😀😀! ", "ok"]);
  });

  it("cuts German, and Python code by lines", () => {
    expect(
      cut("Der Zug fährt um 9.30 Uhr ab. „Kommst du mit?“, fragte sie. Das kostet 3,5 Mio. euro, d.h. zu viel! Übermorgen nicht."),
    ).toEqual([
      "Der Zug fährt um 9.30 Uhr ab. ",
      "„Kommst du mit?“, fragte sie. ",
      "Das kostet 3,5 Mio. euro, d.h. zu viel! ",
      "Übermorgen nicht.",
    ]);
    // A known limit of the standard's rules: an abbreviation before a capital letter ends a sentence.
    expect(cut("Es kostet 3 Mio. Euro.")).toEqual(["Es kostet 3 Mio. ", "Euro."]);
    expect(cut("def f(x):\n    y = x * 2.5\n    return y\n\n\nclass A:\n    pass\n")).toEqual([
      "def f(x):\n",
      "    y = x * 2.5\n",
      "    return y\n\n\n",
      "class A:\n",
      "    pass\n",
    ]);
    expect(cut("她说：“你好！”然后走了。😀 Bye! 🇩🇪🇫🇷 قال: «مرحبا». ثم ذهب؟ نعم")).toEqual([
      "她说：“你好！”",
      "然后走了。",
      "😀 Bye! ",
      "🇩🇪🇫🇷 قال: «مرحبا». ",
      "ثم ذهب؟ ",
      "نعم",
    ]);
  });

  it("sees through hard line breaks, but not through lists, headings and blank lines", () => {
    const wrapped = "The quick brown fox jumped over the lazy dog and then\nran away. Nobody saw where it went that day.";
    expect(cut(wrapped)).toEqual([
      "The quick brown fox jumped over the lazy dog and then\nran away. ",
      "Nobody saw where it went that day.",
    ]);
    expect(cut("# Heading\nText.\n- one\n- two\n")).toEqual(["# Heading\n", "Text.\n", "- one\n", "- two\n"]);
    expect(cut("One paragraph of text without a full stop at its end\n\nAnother")).toHaveLength(2);
  });

  it("takes time that grows with the text, not with its square", () => {
    const text = "The quick brown fox jumps over the lazy dog, and then it rests. ".repeat(20_000);
    const begun = performance.now();
    expect(segmentSentences(text).length).toBe(20_000);
    // One call of Intl.Segmenter takes about a minute for this.
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it("gives the same sentences wherever the pieces for the segmenter end", () => {
    const sentence = "This is number one of many. ";
    const text = "x ".repeat(777) + "end. " + sentence.repeat(500);
    expect(
      cut(text)
        .slice(1)
        .every((found) => found === sentence),
    ).toBe(true);
  });
});

describe("sentenceTokens", () => {
  /** Tokens of a text as [start, end) pairs. */
  function firsts(text: string, tokens: readonly (readonly [number, number])[]): number[] {
    const starts = Int32Array.from(tokens, ([start]) => start);
    const ends = Int32Array.from(tokens, ([, end]) => end);
    return [...sentenceTokens(text, segmentSentences(text), starts, ends)];
  }

  it("gives the blank before a word to the word's sentence", () => {
    // "Hi." | " You" | "." : the second token begins with the blank that ends the first sentence.
    expect(
      firsts("Hi. You.", [
        [0, 3],
        [3, 7],
        [7, 8],
      ]),
    ).toEqual([0, 1]);
  });

  it("gives blank tokens to the sentence before them and straddling ones to the sentence of their first character", () => {
    expect(
      firsts("Hi.\n\nYou.", [
        [0, 3],
        [3, 5],
        [5, 8],
        [8, 9],
      ]),
    ).toEqual([0, 2]);
    expect(
      firsts("Hi. You.", [
        [0, 2],
        [2, 6],
        [6, 8],
      ]),
    ).toEqual([0, 2]);
  });

  it("drops sentences without a token", () => {
    expect(
      firsts("A. B. C.", [
        [0, 2],
        [5, 8],
      ]),
    ).toEqual([0, 1]);
  });

  it("cuts the tokens of any text into ascending runs, one for each sentence with a visible token", () => {
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 50 }), (text, sizes) => {
        const tokens: [number, number][] = [];
        for (let at = 0, turn = 0; at < text.length; turn++) {
          const end = Math.min(text.length, at + sizes[turn % sizes.length]!);
          tokens.push([at, end]);
          at = end;
        }
        const found = firsts(text, tokens);
        expect(found.length === 0).toBe(tokens.length === 0);
        if (found.length > 0) expect(found[0]).toBe(0);
        found.forEach((first, at) => at > 0 && expect(first).toBeGreaterThan(found[at - 1]!));
        expect(found.length).toBeLessThanOrEqual(segmentSentences(text).length);
      }),
    );
  });
});
