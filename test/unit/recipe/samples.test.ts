import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../src/protocol/errors.js";
import { replaySamples } from "../../../src/recipe/replay.js";
import { extendSamples, type SampleOptions } from "../../../src/recipe/samples.js";
import { memorySource } from "./memorySource.js";

const corpora = fc.array(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 12 });

function options(over: Partial<SampleOptions> = {}): SampleOptions {
  return {
    samples: 12,
    trainedLength: 60,
    order: "density",
    positions: { strategy: "longrecipe", targetLength: 200, segmentSentences: 1, skips: "uniform" },
    seed: 1,
    ...over,
  };
}

describe("extendSamples", () => {
  it("makes as many samples as asked for, of whole sentences in order, at least half full, with positions below T", () => {
    fc.assert(
      fc.property(corpora, fc.nat(), (documents, seed) => {
        const { source, sentenceStarts } = memorySource(documents, (_, sentence) => sentence % 3 === 0);
        fc.pre(source.sizes.reduce((sum, { tokens }) => sum + tokens, 0) >= 60);
        const samples = [...extendSamples(source, options({ seed }))];
        expect(samples.map(({ sample }) => sample)).toEqual(Array.from({ length: 12 }, (_, at) => at));
        for (const { ids, positions, segments } of samples) {
          expect(ids.length).toBeLessThanOrEqual(60);
          expect(ids.length).toBeGreaterThanOrEqual(30);
          expect(positions.length).toBe(ids.length);
          expect(positions.at(-1)).toBeLessThan(200);
          // Sentences here are shorter than half a sample, so every one that is kept is whole: runs end at borders.
          ids.forEach((id, at) => {
            if (at === 0 || id !== ids[at - 1]! + 1) expect(sentenceStarts.has(id)).toBe(true);
          });
          for (const start of segments) expect(sentenceStarts.has(ids[start]!)).toBe(true);
        }
      }),
    );
  });

  it.each(["longrecipe", "full"] as const)("says where every token comes from (%s)", (strategy) => {
    fc.assert(
      fc.property(corpora, fc.nat(), (documents, seed) => {
        const { source } = memorySource(documents, (_, sentence) => sentence % 3 === 0);
        fc.pre(source.sizes.reduce((sum, { tokens }) => sum + tokens, 0) >= 60);
        const positions = { ...options().positions, strategy, targetLength: strategy === "full" ? 60 : 200 };
        for (const { ids, origins } of extendSamples(source, { ...options({ seed }), positions })) {
          const back = [...origins.document].flatMap((document, run) => {
            const [first, end] = [origins.first[run]!, origins.end[run]!];
            const read = new Int32Array(end - first);
            source.read(document, first, end, read, 0);
            return [...read];
          });
          expect(back).toEqual([...ids]);
        }
      }),
    );
  });

  it("is the same for equal seeds, and keeps the best sentences in the first pass", () => {
    const { source } = memorySource([Array.from({ length: 40 }, () => 5)], (_, sentence) => sentence >= 20 && sentence < 32);
    const first = [...extendSamples(source, options({ samples: 1 }))];
    expect(first).toEqual([...extendSamples(source, options({ samples: 1 }))]);
    // 12 anchors of 5 tokens fill the sample: tokens 100 to 159.
    expect([...first[0]!.ids]).toEqual(Array.from({ length: 60 }, (_, at) => 100 + at));
  });

  it("gives different samples of one document", () => {
    const { source } = memorySource([Array.from({ length: 40 }, () => 5)], (_, sentence) => sentence % 2 === 0);
    const texts = [...extendSamples(source, options({ samples: 8 }))].map(({ ids }) => ids.join(" "));
    expect(new Set(texts).size).toBeGreaterThan(6);
  });

  it("cuts a book into windows, and reaches every part of it", () => {
    const { source } = memorySource([Array.from({ length: 2_000 }, () => 5)]);
    const seen = new Set([...extendSamples(source, options({ samples: 400 }))].map(({ ids }) => Math.floor(ids[0]! / 500)));
    expect(seen.size).toBe(20);
  });

  it("joins short documents", () => {
    const { source } = memorySource(Array.from({ length: 30 }, () => [5, 5, 5]));
    const samples = [...extendSamples(source, options({ samples: 3 }))];
    for (const { ids } of samples) expect(ids.length).toBe(60);
  });

  it("full trains on T plain tokens", () => {
    const { source } = memorySource([Array.from({ length: 100 }, () => 5)]);
    const positions = { strategy: "full", targetLength: 200, segmentSentences: 1, skips: "uniform" } as const;
    for (const sample of extendSamples(source, options({ positions, samples: 5 }))) {
      expect(sample.ids.length).toBe(200);
      expect(sample.positions.at(-1)).toBe(199);
      expect(sample.ids.at(-1)).toBe(sample.ids[0]! + 199);
    }
  });

  it("cuts what has no sentence ends", () => {
    const { source } = memorySource([[1_000]]);
    for (const { ids } of extendSamples(source, options({ samples: 5 }))) expect(ids.length).toBeGreaterThanOrEqual(30);
  });

  it("mixes sources by weight, none of them in one sample with another, and repeats a small source", () => {
    const { source } = memorySource([...Array.from({ length: 40 }, () => [30, 30, 30]), [25, 25, 25]]);
    const mixture = { weights: [1, 3], sourceOf: (index: number) => (index < 40 ? 0 : 1), key: (part: number) => `corpus[${part}]` };
    const samples = [...extendSamples(source, options({ samples: 80, mixture }))];
    expect(samples.map(({ sample }) => sample)).toEqual(Array.from({ length: 80 }, (_, at) => at));
    const small = samples.map(({ origins }) => [...new Set(Array.from(origins.document, (document) => document >= 40))]);
    expect(small.every((kinds) => kinds.length === 1)).toBe(true);
    expect(small.filter(([kind]) => kind).length).toBe(60);
    expect(() => [...extendSamples(source, options({ trainedLength: 80, samples: 80, mixture }))]).toThrow(
      "corpus[1] holds 75 tokens in 1 documents",
    );
  });

  it("coherent keeps one run of text", () => {
    const { source } = memorySource([Array.from({ length: 40 }, () => 5)], (_, sentence) => sentence % 2 === 0);
    for (const { ids } of extendSamples(source, options({ order: "coherent" }))) {
      expect(ids.length).toBe(60);
      expect(ids.at(-1)).toBe(ids[0]! + 59);
    }
  });

  it("refuses a corpus that holds less than one sample, with the counts", () => {
    const { source } = memorySource([[20], [30]]);
    expect(() => [...extendSamples(source, options())]).toThrow(UserError);
    expect(() => [...extendSamples(source, options())]).toThrow("50 tokens in 2 documents");
  });
});

describe("replaySamples", () => {
  it("packs whole documents at plain positions and never runs dry", () => {
    fc.assert(
      fc.property(corpora, fc.integer({ min: 1, max: 30 }), (documents, count) => {
        const { source } = memorySource(documents);
        const samples = [...replaySamples(source, { samples: count, length: 64, seed: 5 })];
        expect(samples.length).toBe(count);
        for (const { ids, positions, origins } of samples) {
          const read = Array.from(origins.document, (document, run) => {
            const [first, end] = [origins.first[run]!, origins.end[run]!];
            const part = new Int32Array(end - first);
            source.read(document, first, end, part, 0);
            return [...part];
          });
          expect(read.flat()).toEqual([...ids]);
          expect(ids.length).toBeGreaterThan(1);
          expect(ids.length).toBeLessThanOrEqual(64);
          expect([...positions]).toEqual(Array.from(ids, (_, at) => at));
        }
      }),
    );
  });

  it("does not cut a document that fits", () => {
    const { source } = memorySource([[40], [40], [20]]);
    const starts = new Set([0, 40, 80]);
    for (const { ids } of replaySamples(source, { samples: 9, length: 64, seed: 5 })) {
      ids.forEach((id, at) => (at === 0 || id !== ids[at - 1]! + 1) && expect(starts.has(id)).toBe(true));
    }
  });

  it("leaves out the lone token at the end of a document that was cut", () => {
    const { source } = memorySource([[65], [64], [129]]);
    for (const { ids } of replaySamples(source, { samples: 20, length: 64, seed: 5 })) expect(ids.length).toBe(64);
  });

  it("refuses an empty corpus", () => {
    expect(() => [...replaySamples(memorySource([]).source, { samples: 1, length: 8, seed: 1 })]).toThrow(UserError);
  });
});
