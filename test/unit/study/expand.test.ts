import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../src/protocol/errors.js";
import { studySchema, type Study } from "../../../src/protocol/study.js";
import { changedValue, expandStudy, withBudget } from "../../../src/study/expand.js";
import { recipe } from "../runner/support.js";

const base = { model: "model", targetLength: 1000, corpus: { include: ["corpus"] }, trainedLength: 300, study: {} };

function study(fields: object): Study {
  return studySchema.parse(fields);
}

describe("a study's runs", () => {
  it("are every combination of variants and matrix with every seed", () => {
    const plans = expandStudy(
      base,
      study({
        set: { "training.batchSize": 4 },
        matrix: { "selection.topFraction": [0.1, 0.2], seed: [5, 6] },
        variants: { pose: { "positions.strategy": "pose" }, longrecipe: {} },
      }),
      "s",
    );
    expect(plans.map(({ row, seed }) => `${row} #${seed}`)).toEqual([
      "pose, topFraction 0.1 #5",
      "pose, topFraction 0.1 #6",
      "pose, topFraction 0.2 #5",
      "pose, topFraction 0.2 #6",
      "longrecipe, topFraction 0.1 #5",
      "longrecipe, topFraction 0.1 #6",
      "longrecipe, topFraction 0.2 #5",
      "longrecipe, topFraction 0.2 #6",
    ]);
    const [first] = plans;
    expect(first!.recipe).toMatchObject({
      seed: 5,
      positions: { strategy: "pose" },
      selection: { topFraction: 0.1 },
      training: { batchSize: 4 },
      trainedLength: 300,
    });
    expect(first!.changes).toEqual({ "positions.strategy": "pose", "selection.topFraction": 0.1 });
    expect(first!.recipe.study).toBeUndefined();
    expect(new Set(plans.map((plan) => plan.recipe.name)).size).toBe(plans.length);
  });

  it("are the recipe itself, with three seeds, when nothing is said", () => {
    expect(expandStudy(base, study({}), "s").map(({ row, seed }) => [row, seed])).toEqual([
      ["recipe", 1],
      ["recipe", 2],
      ["recipe", 3],
    ]);
  });

  it("tells every faulty combination at once, by key and row", () => {
    try {
      expandStudy(base, study({ matrix: { "selection.topFracton": [0.1], "positions.strategy": ["pose", "pos"] }, seeds: [1] }), "s");
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const said = error.problems.map(({ path, message }) => `${path}: ${message}`);
      expect(said.filter((line) => line.includes("did you mean `topFraction`"))).toHaveLength(2);
      expect(said.some((line) => line.startsWith("positions.strategy") && line.includes("strategy pos`"))).toBe(true);
    }
  });

  it("refuses two rows of one name", () => {
    expect(() => expandStudy(base, study({ matrix: { "a.seed": [1], seed: [1] }, variants: {} }), "s")).toThrow(UserError);
    expect(() => expandStudy(base, study({ matrix: { "training.samples": [8, 8] }, seeds: [1] }), "s")).toThrow(UserError);
  });
});

describe("changing keys", () => {
  it("makes what is missing, takes out what is null, and leaves the original alone", () => {
    const before = structuredClone(base);
    const value = changedValue(base, [{ "evaluation.needle.trials": 2, trainedLength: null, "corpus.include[0]": "other" }]);
    expect(value).toEqual({ model: "model", targetLength: 1000, corpus: { include: ["other"] }, evaluation: { needle: { trials: 2 } } });
    expect(base).toEqual(before);
  });
});

describe("an equal budget", () => {
  it("comes out within half a step of the tokens, whatever the length and batch", () => {
    fc.assert(
      fc.property(
        fc.record({
          tokens: fc.integer({ min: 50_000, max: 1_000_000 }),
          batchSize: fc.integer({ min: 1, max: 16 }),
          full: fc.boolean(),
        }),
        ({ tokens, batchSize, full }) => {
          const length = full ? 1000 : 300;
          const changed = withBudget(
            recipe({ targetLength: 1000, training: { batchSize }, positions: { strategy: full ? "full" : "longrecipe" } }),
            tokens,
          );
          const { steps = 0, samples } = changed.training;
          expect(samples).toBe(steps * batchSize);
          expect(Math.abs(samples * length - tokens)).toBeLessThanOrEqual((batchSize * length) / 2);
        },
      ),
    );
  });
});
