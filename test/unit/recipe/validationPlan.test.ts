import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validationSchema } from "../../../src/protocol/recipe.js";
import { flopsOf } from "../../../src/recipe/flops.js";
import { measurementCount, planValidation, validationLengths, type ValidationFacts } from "../../../src/recipe/validationPlan.js";

const model = { parameters: 8_000_000_000, layers: 32, hiddenSize: 4_096 };
/** The paper's run: 104 steps of 96 samples of 24k tokens, checkpoints at 50 and 100. */
const paper: ValidationFacts = {
  model,
  window: 8_192,
  targetLength: 80_000,
  trainedLength: 24_000,
  needles: true,
  skips: true,
  measurements: measurementCount(104, 50),
  ends: 2,
  trainingFlops: flopsOf(model, 104 * 96 * 24_000, 24_000),
};

describe("validationLengths", () => {
  it("are W, T and two between, unless the recipe names them", () => {
    expect(validationLengths({ lengths: undefined }, 256, 1_024)).toEqual([256, 512, 1_024]);
    expect(validationLengths({ lengths: undefined }, 8_192, 80_000)).toEqual([8_192, 16_384, 32_768, 80_000]);
    expect(validationLengths({ lengths: [512, 64, 512] }, 256, 1_024)).toEqual([64, 512]);
  });
});

describe("planValidation", () => {
  it("measures everything asked for where the training is long, at little cost", () => {
    const plan = planValidation(validationSchema.parse({}), paper);
    expect(plan).toMatchObject({ documents: 4, trials: 1, lengths: [8_192, 16_384, 32_768, 80_000], probes: 12 });
    expect(plan!.share).toBeLessThan(0.02);
  });

  it("counts a measurement before, at each checkpoint between, and after", () => {
    expect(measurementCount(200, 50)).toBe(5);
    expect(measurementCount(201, 50)).toBe(6);
    expect(measurementCount(6, 2)).toBe(4);
    expect(measurementCount(3, 50)).toBe(2);
  });

  it("leaves out what does not fit, and all where nothing does", () => {
    const settings = validationSchema.parse({ trials: 3 });
    const shorter = { ...paper, trainingFlops: paper.trainingFlops / 10 };
    expect(planValidation(settings, shorter)).toMatchObject({ trials: 1, documents: 2 });
    expect(planValidation(settings, { ...paper, trainingFlops: paper.trainingFlops / 30 })).toMatchObject({
      documents: 1,
      lengths: [8_192, 16_384],
    });
    // Five steps of 96 samples: as much as diagnoses need.
    const five = { ...paper, trainingFlops: (paper.trainingFlops * 5) / 104 };
    expect(planValidation(validationSchema.parse({ maxShare: 0.01 }), five)).toMatchObject({
      ...{ documents: 1, lengths: [], probes: 3, between: false, length: 8_192 },
    });
    expect(planValidation(settings, { ...paper, trainingFlops: paper.trainingFlops / 10_000 })).toBeNull();
    expect(planValidation(settings, { ...paper, needles: false, skips: false })).toMatchObject({ lengths: [], probes: 0 });
  });

  it("never takes more than its share, and no less where there is more", () => {
    const settings = fc
      .record({
        documents: fc.integer({ min: 1, max: 20 }),
        trials: fc.integer({ min: 1, max: 8 }),
        maxShare: fc.double({ min: 0.001, max: 1, noNaN: true }),
      })
      .map((input) => validationSchema.parse(input));
    fc.assert(
      fc.property(settings, fc.integer({ min: 0, max: 30 }), (choice, halvings) => {
        const facts = { ...paper, trainingFlops: paper.trainingFlops / 2 ** (halvings / 2) };
        const plan = planValidation(choice, facts);
        const more = planValidation(choice, { ...facts, trainingFlops: facts.trainingFlops * 2 });
        if (plan === null) return;
        expect(plan.share).toBeLessThanOrEqual(choice.maxShare);
        expect(plan.documents).toBeLessThanOrEqual(choice.documents);
        expect(more!.documents).toBeGreaterThanOrEqual(plan.documents);
        expect(more!.lengths.length).toBeGreaterThanOrEqual(plan.lengths.length);
        if (plan.lengths.length > 0) expect(plan.lengths.some((length) => length > facts.window)).toBe(true);
      }),
    );
  });
});
