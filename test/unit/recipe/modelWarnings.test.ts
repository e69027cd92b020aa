import { describe, expect, it } from "vitest";
import { recipeSchema } from "../../../src/protocol/recipe.js";
import type { Inspection } from "../../../src/protocol/tables.js";
import { modelWarnings } from "../../../src/recipe/modelWarnings.js";
import { inspection } from "../runner/support.js";

const recipe = recipeSchema.parse({ model: "m", targetLength: 8_192, trainedLength: 2_048, corpus: { include: ["c"] } });
const layers = (...windows: (number | null)[]): NonNullable<Inspection["layerReach"]> =>
  windows.map((window) => ({ window, rotary: true }));
const warnings = (over: Partial<Inspection>, reference: Inspection | null = null): string =>
  modelWarnings(recipe, { ...inspection, ...over }, reference).join("\n");

describe("modelWarnings", () => {
  it("has nothing to say of plain models", () => {
    expect(warnings({ layerReach: layers(null, null) })).toBe("");
    expect(warnings({}, inspection)).toBe("");
  });

  it("tells of masks that grow with the square of the length, and how large they are", () => {
    const gemma3 = { localRopeParameters: { rope_theta: 1e4 }, layerReach: layers(1_024, null) };
    expect(warnings(gemma3)).toMatch(/^1 of 2 layers look back over 1024 tokens only.*4 MB a sample of 2048 tokens, 64 MB where 8192/u);
    expect(warnings({ ...gemma3, layerReach: layers(4_096, null) })).toBe("");
    expect(warnings({ alwaysMasked: true, layerReach: layers(null) })).toContain("builds a mask");
  });

  it("tells of sliding layers that are rescaled too, and of layers without positions", () => {
    expect(warnings({ layerReach: layers(4_096, null) })).toContain("1 sliding layers share their rotary frequencies");
    expect(warnings({ layerReach: [...layers(null), { window: null, rotary: false }] })).toContain(
      "1 of 2 layers have no rotary positions",
    );
  });

  it("tells of references that differ by added tokens", () => {
    expect(warnings({}, { ...inspection, vocabularySize: inspection.vocabularySize + 2 })).toContain("they differ by added tokens");
  });
});
