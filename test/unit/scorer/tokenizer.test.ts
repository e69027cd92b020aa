import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/environment/locations.js";
import { UserError } from "../../../src/protocol/errors.js";
import { blockEnds } from "../../../src/scorer/blocks.js";
import { TextTokenizer } from "../../../src/scorer/tokenizer.js";

const folder = join(packageRoot(), "examples", "embedded", "scorer");
const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
const tokenizer = new TextTokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
const texts = fc.string({
  unit: fc.oneof(fc.constantFrom(" ", "\n", "4", "e", "\u0301", "😀", "漢", "é"), fc.string({ unit: "grapheme" })),
});

/** The spans as text. */
function spans(text: string): string[] {
  const { starts, ends } = tokenizer.encode(text);
  return [...starts].map((start, index) => text.slice(start, ends[index]));
}

describe("offsets", () => {
  it("stand at the right characters, with emoji and CJK", () => {
    expect(spans("a 😀 漢")).toEqual(["a", " ", "😀", "😀", "😀", "😀", " ", "漢", "漢", "漢"]);
  });

  it("tile any text, and cut no character in two", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { starts, ends } = tokenizer.encode(text);
        let end = 0;
        for (const [index, start] of starts.entries()) {
          // The bytes of one character are several tokens, each with all of it.
          expect(start === end || (start < end && start >= (starts[index - 1] ?? 0))).toBe(true);
          end = ends[index] ?? -1;
          const part = text.slice(start, end);
          expect(Buffer.from(part).toString()).toBe(part);
        }
        expect(end).toBe(text.length);
      }),
    );
  });

  it("are those of the whole text when it is tokenized block by block", () => {
    const lines = fc.array(fc.string({ unit: fc.constantFrom("a", "7", " ", ".", "ö", "漢", "\t"), minLength: 1, maxLength: 12 }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(lines, (parts) => {
        const text = parts.join("\n");
        const ends = blockEnds(text, { least: 20, most: 20, limit: 4000 });
        const ids = ends.flatMap((end, index) => [...tokenizer.encode(text.slice(ends[index - 1] ?? 0, end)).ids]);
        expect(ids).toEqual([...tokenizer.encode(text).ids]);
      }),
    );
  });
});

describe("tokenizers that are not followed", () => {
  const bpe = { model: { type: "BPE", vocab: {}, merges: [] }, pre_tokenizer: { type: "ByteLevel", add_prefix_space: false } };
  it.each([
    ["Unigram", { ...bpe, model: { type: "Unigram", vocab: [] } }],
    ["Lowercase", { ...bpe, normalizer: { type: "Lowercase" } }],
    ["blank before every text", { ...bpe, pre_tokenizer: { type: "ByteLevel", add_prefix_space: true } }],
    ["damaged", { model: 5 }],
  ])("are refused: %s", (why, broken) => {
    expect(() => new TextTokenizer(broken, {})).toThrow(UserError);
    expect(() => new TextTokenizer(broken, {})).toThrow(why);
  });
});
