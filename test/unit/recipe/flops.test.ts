import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flopsOf, flopsPerToken } from "../../../src/recipe/flops.js";

/** Llama-3-8B. */
const llama = { parameters: 8_030_261_248, layers: 32, hiddenSize: 4_096 };

describe("flopsPerToken", () => {
  it("is 6 N and the attention of half a sequence", () => {
    expect(flopsPerToken(llama, 0)).toBe(6 * llama.parameters);
    // At 24k tokens the scores of Llama-3-8B take a third as much as its weights.
    expect(flopsPerToken(llama, 24_000)).toBe(6 * llama.parameters + 6 * 32 * 4_096 * 24_000);
    expect(flopsPerToken(llama, 24_000) / flopsPerToken(llama, 0)).toBeCloseTo(1.39, 2);
    expect(flopsPerToken(llama, 24_000, "forward") * 3).toBe(flopsPerToken(llama, 24_000));
  });

  it("grows with the length, and orders the kinds of work", () => {
    const facts = fc.record({
      parameters: fc.integer({ min: 1, max: 1e12 }),
      layers: fc.integer({ min: 1, max: 200 }),
      hiddenSize: fc.integer({ min: 1, max: 1e5 }),
    });
    fc.assert(
      fc.property(facts, fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), (model, length, tokens) => {
        const [forward, lora, full] = (["forward", "lora", "full"] as const).map((work) => flopsPerToken(model, length, work));
        expect(forward!).toBeLessThan(lora!);
        expect(lora!).toBeLessThan(full!);
        expect(flopsPerToken(model, 2 * length)).toBeGreaterThan(full!);
        expect(flopsOf(model, tokens, length)).toBe(tokens * full!);
      }),
    );
  });
});
