import { describe, expect, it } from "vitest";
import { completeDraft, draftName, parseTokens, recipeOf, targetChoices, type RecipeDraft } from "../../../src/commands/guided/draft.js";
import { recipeSchema } from "../../../src/protocol/recipe.js";

const draft: RecipeDraft = {
  model: "/home/me/work/models/SmolLM2 135M",
  window: 8192,
  corpus: ["/home/me/work/corpus", "/data/extra.jsonl"],
  targetLength: 32_768,
  device: "auto",
  start: true,
};

describe("recipeOf", () => {
  it("makes paths relative to the recipe, and leaves every other key at its default", () => {
    const recipe = recipeOf(draft, "/home/me/work");
    expect(recipe).toEqual({
      model: "./models/SmolLM2 135M",
      targetLength: 32_768,
      corpus: { include: ["corpus", "../../../data/extra.jsonl"] },
    });
    expect(recipeSchema.safeParse(recipe).success).toBe(true);
  });

  it("keeps hub ids, models beside or above the recipe, and a chosen device", () => {
    expect(recipeOf({ ...draft, model: "org/model", device: "cpu" }, "/home/me/work")).toMatchObject({ model: "org/model", device: "cpu" });
    expect(recipeOf({ ...draft, model: "/home/me/model" }, "/home/me/work").model).toBe("../model");
    expect(recipeOf({ ...draft, model: "/home/me/work" }, "/home/me/work").model).toBe(".");
  });
});

it("names recipes so that they are run names, too", () => {
  expect(draftName(draft)).toBe("SmolLM2-135M-32k");
  expect(draftName({ model: "org/..hidden model!", targetLength: 3000 })).toBe("hidden-model--3000");
});

it("reads token counts as people write them", () => {
  expect(["24000", "96k", "96 K", "1M", "1.5k", "24,000"].map(parseTokens)).toEqual([24_000, 98_304, 98_304, 1_048_576, 1536, 24_000]);
  expect(["", "k", "-4", "0", "1.3", "12 tokens"].map(parseTokens)).toEqual([null, null, null, null, null, null]);
});

it("offers multiples of the window", () => {
  expect(targetChoices(256).map(({ tokens }) => tokens)).toEqual([512, 1024, 2048, 4096, 8192]);
});

it("takes no flow for complete that left a question out", () => {
  expect(() => completeDraft({ model: "m", targetLength: 10 })).toThrow("left a question out");
  expect(completeDraft({ ...draft, window: null })).toEqual({ ...draft, window: null });
});
