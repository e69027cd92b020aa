import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findSample } from "../../../src/panels/samples/findSample.js";
import { joinParts } from "../../../src/panels/samples/joinParts.js";
import { countSamples, readSample } from "../../../src/panels/samples/readSample.js";
import type { SampleSources } from "../../../src/panels/samples/sampleFiles.js";
import { writeTable } from "../../../src/runner/tables/writer.js";

const texts = ["One fox. Two hens. 三只猫 🐈 here. End.", "The fox came back. Nobody saw it."];
/** Tokens are runs of letters with the blank before them, else single characters. */
const tokenized = texts.map((text) => {
  const found = [...text.matchAll(/ ?\p{L}+|[\s\S]/gu)];
  return {
    starts: Int32Array.from(found, ({ index }) => index),
    ends: Int32Array.from(found, (match) => match.index + match[0].length),
  };
});

let directory: string;
let sources: SampleSources;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "longrecipe-samples-"));
  const file = (name: string): string => join(directory, `${name}.arrow`);
  sources = {
    samples: { extend: file("samples") },
    origins: { extend: { origins: file("origins"), tokens: file("tokens") } },
    documents: file("documents"),
    significance: file("significance"),
    threshold: 1,
  };
  // Document numbers with a hole, a batch a row: rows must be found, not counted.
  const numbers = [3, 8];
  await writeTable(file("documents"), "documents", async (writer) => {
    for (const [at, text] of texts.entries()) {
      await writer.append({ document: numbers[at] ?? 0, path: `${String(at)}.txt`, hash: "", text });
      await writer.flush();
    }
  });
  await writeTable(file("tokens"), "tokens", async (writer) => {
    for (const [at, { starts, ends }] of tokenized.entries())
      await writer.append({ document: numbers[at] ?? 0, ids: starts, starts, ends });
  });
  await writeTable(file("significance"), "significance", async (writer) => {
    const [first] = tokenized;
    if (first === undefined) return;
    const score = Float32Array.from(first.starts, (_, token) => token);
    await writer.append({ document: 3, path: "0.txt", hash: "", ...first, score, base: score, extended: score });
  });
  const origins = [
    { document: [3, 3], first: [0, 6], end: [3, 11] },
    { document: [8, 3], first: [0, 3], end: [5, 6] },
    { document: [8], first: [5], end: [9] },
  ];
  await writeTable(file("samples"), "samples", async (writer) => {
    for (const [sample, { first, end }] of origins.entries()) {
      const count = first.reduce((sum, from, at) => sum + (end[at] ?? 0) - from, 0);
      const positions = Int32Array.from({ length: count }, (_, token) => token * 2);
      await writer.append({ sample, document: 3, ids: positions, positions, segments: Int32Array.of(0, 2) });
      await writer.flush();
    }
  });
  await writeTable(file("origins"), "origins", async (writer) => {
    for (const [sample, { document, first, end }] of origins.entries())
      await writer.append({ sample, document: Int32Array.from(document), first: Int32Array.from(first), end: Int32Array.from(end) });
  });
});
afterAll(() => rm(directory, { recursive: true }));

describe("a sample", () => {
  it("has the text its tokens come from, the scores of scored documents, and its sources", async () => {
    expect(await countSamples(sources, "extend")).toBe(3);
    expect(await countSamples(sources, "replay")).toBe(0);
    const first = await readSample(sources, "extend", 0);
    expect(first.text).toBe("One fox. 三只猫 🐈 here.");
    expect([...first.positions]).toEqual(Array.from({ length: 8 }, (_, token) => token * 2));
    expect(Array.from(first.starts, (start, token) => first.text.slice(start, first.ends[token])).join("|")).toBe(
      "One| fox|.| 三只猫| |🐈| here|.",
    );
    expect([...first.score]).toEqual([0, 1, 2, 6, 7, 8, 9, 10]);
    const second = await readSample(sources, "extend", 1);
    expect(second.text).toBe("The fox came back. Two hens.");
    expect([...second.score].map(Number.isNaN)).toEqual([true, true, true, true, true, false, false, false]);
    expect(second.sources.map(({ token, path, offset }) => [token, path, offset])).toEqual([
      [0, "1.txt", 0],
      [5, "0.txt", 8],
    ]);
  });

  it("that is not there is told", async () => {
    await expect(readSample(sources, "extend", 3)).rejects.toThrow("no sample 3");
  });
});

describe("the search", () => {
  it("finds whole words of text across tokens, in the samples after the one shown, then from the start", async () => {
    expect(await findSample(sources, "extend", "fox", 0)).toBe(1);
    expect(await findSample(sources, "extend", "FOX CAME", 0)).toBe(1);
    expect(await findSample(sources, "extend", "fox", 1)).toBe(0);
    expect(await findSample(sources, "extend", "🐈 here", 2)).toBe(0);
    expect(await findSample(sources, "extend", "nobody saw it.", 0)).toBe(2);
    expect(await findSample(sources, "extend", "fox. two", 0)).toBeNull();
    expect(await findSample(sources, "extend", "absent", 0)).toBeNull();
    expect(await findSample(sources, "replay", "fox", 0)).toBeNull();
  });
});

describe("joined parts", () => {
  it("keep every token's text, whatever the parts", () => {
    const part = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).chain((text) =>
      fc.nat(50).map((offset) => ({
        path: "a",
        offset,
        text,
        starts: Int32Array.from(Array.from(text).keys(), (at) => offset + Array.from(text).slice(0, at).join("").length),
        ends: Int32Array.from(
          Array.from(text).keys(),
          (at) =>
            offset +
            Array.from(text)
              .slice(0, at + 1)
              .join("").length,
        ),
        score: new Float32Array(Array.from(text).length),
      })),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const { text, starts, ends } = joinParts(parts);
        const tokens = Array.from(starts, (start, token) => text.slice(start, ends[token]));
        expect(tokens).toEqual(parts.flatMap((one) => Array.from(one.text)));
      }),
    );
  });
});
