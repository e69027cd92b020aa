import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recipeSchema, type RecipeInput } from "../../../src/protocol/recipe.js";
import { estimateRun, measuredOperations, type EstimateDevice, type EstimateFacts } from "../../../src/recipe/estimate.js";
import { activationBytes } from "../../../src/recipe/estimateMemory.js";
import { modelShape, trainingOperations, type ModelShape } from "../../../src/recipe/modelShape.js";

/** The shapes of bench/worker/bench_model.py. */
function llama(vocabulary: number, hidden: number, feedForward: number, layers: number, heads: number, keyHeads: number): ModelShape {
  const shape = modelShape({
    model_type: "llama",
    vocab_size: vocabulary,
    hidden_size: hidden,
    intermediate_size: feedForward,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyHeads,
    tie_word_embeddings: true,
    max_position_embeddings: 512,
  });
  if (shape === null) throw new Error("not a shape");
  return shape;
}
const embedded = llama(2048, 128, 384, 4, 4, 4);
const wide = llama(32_768, 128, 384, 4, 4, 2);
const middle = llama(32_768, 384, 1024, 6, 6, 2);
const smol = llama(49_152, 576, 1536, 30, 9, 3);

const cpu: EstimateDevice = { device: "cpu", name: "x86_64", memoryBytes: 24e9, bfloat16: false, cpus: 2 };
const h100: EstimateDevice = { device: "cuda", name: "NVIDIA H100 80GB HBM3", memoryBytes: 85e9, bfloat16: true, cpus: 16 };

function facts(change: Partial<EstimateFacts> = {}, recipe: Partial<RecipeInput> = {}): EstimateFacts {
  return {
    recipe: recipeSchema.parse({ model: "./model", targetLength: 8192, corpus: { include: ["corpus"] }, ...recipe }),
    shape: smol,
    device: cpu,
    corpusTokens: null,
    rates: [],
    ...change,
  };
}

describe("a model's shape", () => {
  it("counts weights as the models have them", () => {
    expect(embedded.parameters / 1e6).toBeCloseTo(1.1, 0);
    expect(wide.parameters / 1e6).toBeCloseTo(5, 0);
    expect(smol.parameters / 1e6).toBeCloseTo(134.5, 0);
  });

  it("counts all experts but computes with those of one token", () => {
    const config = { hidden_size: 64, num_hidden_layers: 2, intermediate_size: 128, num_attention_heads: 4, vocab_size: 100 };
    const dense = modelShape(config);
    const mixture = modelShape({ ...config, num_local_experts: 8, num_experts_per_tok: 2 });
    expect(mixture?.feedForward).toBe(2 * (dense?.feedForward ?? 0));
    expect((mixture?.parameters ?? 0) - (dense?.parameters ?? 0)).toBe(2 * 7 * 3 * 64 * 128);
  });

  it("reads multimodal configs and refuses others", () => {
    expect(modelShape({ text_config: { hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, vocab_size: 9 } })?.layers).toBe(1);
    expect(modelShape({ d_model: 512 })).toBeNull();
    expect(modelShape("{}")).toBeNull();
  });
});

describe("memory against what was measured (bench/worker/RESULTS.md)", () => {
  it.each([
    [1024, false, 168],
    [2048, false, 225],
    [4096, false, 333],
    [8192, false, 555],
    [1024, true, 138],
    [2048, true, 141],
    [4096, true, 188],
    [8192, true, 366],
  ] as const)("L = %i, checkpointing %s: %i MB, within 15 %%", (tokens, checkpointing, megabytes) => {
    const bytes = activationBytes({ shape: wide, method: { type: "full" }, arithmeticBytes: 4, tokens, checkpointing, device: "cpu" });
    expect(bytes / 1e6 / megabytes).toBeGreaterThan(0.85);
    expect(bytes / 1e6 / megabytes).toBeLessThan(1.15);
  });
});

describe("time against what was measured", () => {
  it.each([
    ["embedded", embedded, 8 * 256, 256, 0.1396],
    ["middle", middle, 512, 512, 0.5461],
    ["SmolLM2", smol, 512, 512, 2.9508],
  ] as const)("%s: seconds a step on two cores, within a third", (_, shape, tokens, length, seconds) => {
    const rate = estimateRun(facts({ shape })).speed?.operationsPerSecond ?? 0;
    const estimated = (tokens * trainingOperations(shape, length, false)) / rate;
    expect(estimated / seconds).toBeGreaterThan(0.66);
    expect(estimated / seconds).toBeLessThan(1.34);
  });

  it("goes by earlier runs on the same device where there are some", () => {
    const recipe = facts().recipe;
    const reached = measuredOperations(recipe, smol, 100);
    const rates = [reached, 3 * reached, 2 * reached].map((operationsPerSecond) => ({ device: cpu.name, operationsPerSecond }));
    const estimate = estimateRun(facts({ rates: [...rates, { device: "another", operationsPerSecond: 1e18 }] }));
    expect(estimate.speed).toEqual({ operationsPerSecond: 2 * reached, basis: "measured", runs: 3 });
    // 10,000 samples of 2458 tokens at 200 tokens a second.
    expect(estimate.time?.extend).toBeCloseTo((10_000 * 2458) / 200, -1);
  });

  it("says nothing of a device that nobody knows", () => {
    const estimate = estimateRun(facts({ device: { ...h100, name: "Some New GPU" } }));
    expect(estimate.time).toBeNull();
    expect(estimate.peak).toBeGreaterThan(0);
  });
});

describe("an estimate", () => {
  it("knows what does not fit", () => {
    const large = modelShape({
      hidden_size: 4096,
      num_hidden_layers: 32,
      intermediate_size: 14_336,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      vocab_size: 128_256,
      max_position_embeddings: 8192,
    });
    if (large === null) throw new Error("not a shape");
    expect(large.parameters / 1e9).toBeCloseTo(8.03, 1);
    const full = estimateRun(facts({ shape: large, device: h100 }, { targetLength: 80_000 }));
    expect([full.precision, full.fits]).toEqual(["bfloat16", "no"]);
    const lora = estimateRun(facts({ shape: large, device: h100 }, { targetLength: 80_000, training: { method: "lora" } }));
    expect(lora.fits).toBe("yes");
    expect(lora.disk).toBeLessThan(full.disk);
  });

  it("grows with the length and never shrinks by more work", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 200_000 }), fc.integer({ min: 1024, max: 200_000 }), fc.boolean(), (a, b, checkpointing) => {
        const [short, long] = [Math.min(a, b), Math.max(a, b)].map((targetLength) =>
          estimateRun(facts({ corpusTokens: 1e6 }, { targetLength, training: { gradientCheckpointing: checkpointing } })),
        );
        return (
          (short?.peak ?? 0) <= (long?.peak ?? 0) &&
          (short?.time?.extend ?? 0) <= (long?.time?.extend ?? 0) &&
          (short?.time?.significance ?? 0) <= (long?.time?.significance ?? 0)
        );
      }),
    );
  });

  it("counts replay only where it happens, and scoring only where the corpus was counted", () => {
    expect(estimateRun(facts()).time).toMatchObject({ significance: null, replay: 0 });
    const replay = { corpus: { include: ["general"] } };
    const estimate = estimateRun(facts({ corpusTokens: 1e6 }, { replay }));
    expect(estimate.time?.replay).toBeGreaterThan(0);
    expect(estimate.time?.significance).toBeGreaterThan(0);
  });
});
