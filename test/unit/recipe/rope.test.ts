import { describe, expect, it } from "vitest";
import { ntkTheta, ropeParameters } from "../../../src/recipe/rope.js";
import { recipeSchema } from "../../../src/protocol/recipe.js";

const llama3 = { model: "llama-3", window: 8_192, headDimension: 128, ropeParameters: { rope_type: "default", rope_theta: 500_000 } };
const choice = (rope: object) => recipeSchema.shape.rope.parse(rope);

describe("ntkTheta", () => {
  // The rotary bases that the paper states (arXiv 2409.00509, appendix), by T, W and f.
  it.each([
    ["Llama-3 80k", 500_000, 10, 80 * 1024, 8_192, 48.9e6],
    ["Llama-3 128k", 500_000, 16, 128 * 1024, 8_192, 131.5e6],
    ["Qwen2 128k", 1_000_000, 4, 128 * 1024, 32_768, 13.5e6],
  ])("gives the paper's value for %s", (_, theta, factor, target, window, expected) => {
    expect(Math.abs(ntkTheta(theta, factor, target, window, 128) / expected - 1)).toBeLessThan(0.005);
  });

  it("leaves theta where the window stays", () => {
    expect(ntkTheta(10_000, 7, 2_048, 2_048, 64)).toBeCloseTo(10_000);
  });
});

describe("ropeParameters", () => {
  it("writes each scaling as transformers names it", () => {
    const scaled = (type: string) => ropeParameters(choice({ type }), llama3, 32_768);
    expect(scaled("none")).toEqual({ maxPositionEmbeddings: 32_768, parameters: {} });
    expect(scaled("linear").parameters).toEqual({ rope_type: "linear", rope_theta: 500_000, factor: 4 });
    expect(scaled("yarn").parameters).toEqual({
      rope_type: "yarn",
      rope_theta: 500_000,
      factor: 4,
      beta_fast: 32,
      beta_slow: 1,
      original_max_position_embeddings: 8_192,
    });
    expect(ropeParameters(choice({ type: "yarn", betaFast: 6, betaSlow: 0.5 }), llama3, 32_768).parameters).toMatchObject({
      beta_fast: 6,
      beta_slow: 0.5,
    });
    expect(scaled("llama3").parameters).toMatchObject({
      rope_type: "llama3",
      factor: 4,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8_192,
    });
    expect(scaled("ntk").parameters).toEqual({ rope_type: "default", rope_theta: ntkTheta(500_000, 10, 32_768, 8_192, 128) });
  });

  it("takes theta as it is given", () => {
    expect(ropeParameters(choice({ theta: 1e6 }), llama3, 16_384).parameters).toEqual({ rope_type: "default", rope_theta: 1e6 });
    expect(ropeParameters(choice({ type: "none", theta: 1e6 }), llama3, 16_384).parameters).toEqual({ rope_theta: 1e6 });
  });

  it("goes on from a scaling that the model has already", () => {
    const scaled = (own: object, type: string) =>
      ropeParameters(choice({ type }), { ...llama3, window: 65_536, ropeParameters: { rope_theta: 500_000, ...own } }, 131_072).parameters;
    const llama31 = { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8_192 };
    expect(scaled(llama31, "ntk")).toEqual({ rope_type: "llama3", rope_theta: ntkTheta(500_000, 10, 131_072, 65_536, 128) });
    expect(scaled(llama31, "llama3")).toEqual({
      rope_type: "llama3",
      rope_theta: 500_000,
      factor: 16,
      original_max_position_embeddings: 8_192,
    });
    expect(scaled({ rope_type: "linear", factor: 4 }, "linear")).toEqual({ rope_type: "linear", rope_theta: 500_000, factor: 8 });
    const yarn = { rope_type: "yarn", factor: 2, original_max_position_embeddings: 32_768 };
    expect(scaled(yarn, "yarn")).toMatchObject({ factor: 4, original_max_position_embeddings: 32_768 });
    expect(scaled(yarn, "none")).toEqual({});
    for (const [own, type] of [
      ["llama3", "yarn"],
      ["yarn", "linear"],
      ["longrope", "ntk"],
      ["dynamic", "ntk"],
    ] as const) {
      expect(() => scaled({ rope_type: own }, type), `${own} ${type}`).toThrow(`scaled as \`${own}\` already`);
    }
  });

  it("refuses a model without rotary positions", () => {
    expect(() => ropeParameters(choice({}), { ...llama3, ropeParameters: null }, 16_384)).toThrow("no rotary positions");
    expect(() => ropeParameters(choice({}), { ...llama3, headDimension: null }, 16_384)).toThrow("no rotary positions");
  });
});
