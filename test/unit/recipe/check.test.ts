import { describe, expect, it } from "vitest";
import { recipeSchema, type RecipeInput } from "../../../src/protocol/recipe.js";
import type { Inspection } from "../../../src/protocol/tables.js";
import { checkFacts, checkRecipe, fileWarnings } from "../../../src/recipe/check.js";

function recipe(over: Partial<RecipeInput> = {}) {
  return recipeSchema.parse({ model: "m", targetLength: 32_768, corpus: { include: ["a"] }, ...over });
}

const base: Inspection = {
  model: "m",
  path: "m",
  architecture: "LlamaForCausalLM",
  modelType: "llama",
  window: 8_192,
  vocabularySize: 1_000,
  parameters: 1,
  hiddenSize: 1,
  layers: 1,
  headDimension: 128,
  ropeParameters: { rope_theta: 1e4 },
  tokenizerHash: "t",
  hasOffsets: true,
  contentHash: "c",
};

const paths = (over: Partial<RecipeInput>) => checkRecipe(recipe(over)).map(({ path }) => path);
const facts = (over: Partial<Inspection>, reference: Partial<Inspection> | null = null, own: Partial<RecipeInput> = {}) =>
  checkFacts(recipe(own), { base: { ...base, ...over }, reference: reference && { ...base, ...reference }, corpusFiles: {} }).map(
    ({ path }) => path,
  );

describe("checkRecipe", () => {
  it("has nothing against the defaults", () => {
    expect(checkRecipe(recipe())).toEqual([]);
    expect(facts({})).toEqual([]);
  });

  it.each<[string, Partial<RecipeInput>, string]>([
    ["L > T", { trainedLength: 40_000 }, "trainedLength"],
    ["a sample of one token", { targetLength: 4 }, "targetLength"],
    ["weights upside down", { training: { lossWeights: { low: 3 } } }, "training.lossWeights.low"],
    ["validation beyond T", { training: { validation: { lengths: [8_192, 40_000] } } }, "training.validation.lengths[1]"],
    ["full with another L", { positions: { strategy: "full" }, trainedLength: 100 }, "trainedLength"],
    ["segments without meaning", { positions: { strategy: "pose", segmentSentences: 3 } }, "positions.segmentSentences"],
    ["minContext >= window", { significance: { window: 100, minContext: 100 } }, "significance.minContext"],
    ["batches that do not divide", { training: { batchSize: 6, microBatchSize: 4 } }, "training.microBatchSize"],
    ["too few samples", { training: { samples: 5 } }, "training.samples"],
    ["replay batches", { replay: { corpus: { include: ["a"] }, batchSize: 6, microBatchSize: 4 } }, "replay.microBatchSize"],
    [
      "a stride beyond the context",
      { significance: { reference: { source: "contrast", context: 8, stride: 9 } } },
      "significance.reference.stride",
    ],
    ["rope reference without scaling", { rope: { type: "none" } }, "significance.reference.source"],
    ["needle beyond T", { evaluation: { needle: { lengths: [8_192, 65_536] } } }, "evaluation.needle.lengths[1]"],
    ["needle that cannot fit", { evaluation: { needle: { lengths: [8] } } }, "evaluation.needle.lengths[0]"],
    ["needle without value", { evaluation: { needle: { needle: "The code of {key}." } } }, "evaluation.needle.needle"],
    ["question without key", { evaluation: { needle: { question: "The code is" } } }, "evaluation.needle.question"],
    ["question with answer", { evaluation: { needle: { question: "{key} {value}" } } }, "evaluation.needle.question"],
    ["too few keys", { evaluation: { needle: { keys: ["a", "b", "a"] } } }, "evaluation.needle.keys"],
    ["too many distractors", { evaluation: { needle: { distractors: 80 } } }, "evaluation.needle.distractors"],
    ["distractors too dense", { evaluation: { needle: { distractorSpacing: 16 } } }, "evaluation.needle.distractorSpacing"],
    ["too few digits", { evaluation: { needle: { valueDigits: 1, distractors: 5 } } }, "evaluation.needle.valueDigits"],
  ])("refuses %s", (_, over, path) => {
    expect(paths(over)).toContain(path);
  });

  it("tells all at once", () => {
    expect(paths({ trainedLength: 40_000, training: { samples: 5, microBatchSize: 5 } }).sort()).toEqual(
      ["trainedLength", "training.microBatchSize", "training.samples"].sort(),
    );
  });
});

describe("checkFacts", () => {
  it.each<[string, Partial<Inspection>, string]>([
    ["nothing to extend", { window: 32_768 }, "targetLength"],
    ["no rotary positions", { ropeParameters: null, headDimension: null }, "model"],
    ["no offsets", { hasOffsets: false }, "model"],
  ])("refuses %s", (_, over, path) => {
    expect(facts(over)).toContain(path);
  });

  it("refuses references that cannot be compared", () => {
    expect(facts({}, { tokenizerHash: "other" })).toEqual(["significance.reference.model"]);
    expect(facts({}, { vocabularySize: 7 })).toEqual(["significance.reference.model"]);
    expect(facts({}, { headDimension: 64 })).toEqual(["significance.reference.model"]);
    expect(facts({ rotaryLayout: "halves" }, { rotaryLayout: "pairs" })).toEqual(["significance.reference.model"]);
    expect(facts({}, {})).toEqual([]);
  });

  it("compares models that differ by added tokens, unless one id stands for two", () => {
    const size = base.vocabularySize;
    const own = { tokenizerTokens: size, addedTokens: { [size]: "<a>" } };
    expect(facts({ tokenizerTokens: size }, { ...own, vocabularySize: size + 64 })).toEqual([]);
    expect(facts({ ...own, addedTokens: { [size]: "<b>" } }, own)).toEqual(["significance.reference.model"]);
    expect(facts({ tokenizerTokens: size }, { tokenizerTokens: size, vocabularySize: size - 1 })).toEqual(["significance.reference.model"]);
  });

  it("refuses models none of whose layers could learn the long range, and scalings that they do not take", () => {
    const layer = (window: number | null, rotary: boolean) => ({ window, rotary });
    expect(facts({ layerReach: [layer(4_096, true), layer(4_096, true)] })).toEqual(["model"]);
    expect(facts({ layerReach: [layer(4_096, true), layer(null, false)] })).toEqual(["model"]);
    expect(facts({ layerReach: [layer(4_096, true), layer(null, true)] })).toEqual([]);
    expect(facts({ layerReach: [layer(1 << 20, true)] })).toEqual([]);
    expect(facts({ ropeTypes: ["ntk"] }, null, { rope: { type: "yarn" } })).toEqual(["rope.type"]);
    expect(facts({ ropeTypes: ["ntk"] }, null, { rope: { type: "ntk" } })).toEqual([]);
    expect(facts({ ropeParameters: { rope_type: "longrope" } })).toEqual(["rope.type"]);
  });

  it("refuses a contrast that truncates nothing", () => {
    const own = { significance: { reference: { source: "contrast", context: 8_192 } } } as const;
    expect(facts({}, null, own)).toEqual(["significance.reference.context"]);
  });

  it("refuses layers that the model does not have", () => {
    const merge = (layers: string) => facts({ layers: 4 }, null, { merge: { layers: [{ layers, alpha: 0.2 }] } });
    expect(merge("0-4")).toEqual(["merge.layers[0].layers"]);
    expect(merge("1,3")).toEqual([]);
    expect(merge("*.mlp.*")).toEqual([]);
    const written = (layers: string) => checkRecipe(recipe({ merge: { layers: [{ layers, alpha: 0.2 }] } })).map(({ path }) => path);
    for (const slip of ["2-1", "0-1,3-2", "1-", "-1", ",", "1,,2", "1-2-3", "1 2"])
      expect(written(slip), slip).toEqual(["merge.layers[0].layers"]);
    for (const good of ["0", "0-3, 7", "5-5", "*.mlp.*"]) expect(written(good), good).toEqual([]);
  });

  it("refuses corpora without files", () => {
    const none = { files: 0, own: 0, json: 0, idle: [], excluded: 0, missing: [] };
    const corpusFiles = {
      corpus: none,
      "replay.corpus[0]": { ...none, files: 2, own: 2, json: 1, idle: ["b/*.md"] },
      "replay.corpus[1]": { ...none, excluded: 3 },
      "replay.corpus[2]": { ...none, files: 2 },
      "evaluation.perplexity.corpus": { ...none, files: 1, own: 1, missing: [1] },
      "evaluation.needle.haystack": { ...none, missing: [0] },
    };
    expect(checkFacts(recipe(), { base, reference: null, corpusFiles })).toEqual([
      { path: "corpus.include", message: "no file matches" },
      { path: "replay.corpus[1].exclude", message: "leaves out all 3 files that match `include`" },
      { path: "replay.corpus[2].include", message: "every file that matches belongs to an earlier source" },
      { path: "evaluation.perplexity.corpus.include[1]", message: "there is no such file or folder" },
      { path: "evaluation.needle.haystack.include[0]", message: "there is no such file or folder" },
    ]);
    expect(fileWarnings(corpusFiles)).toEqual([
      "replay.corpus[0].include: no file matches b/*.md.",
      expect.stringMatching(/^replay\.corpus\[0\]: 1 file named \.json/u),
    ]);
  });
});
