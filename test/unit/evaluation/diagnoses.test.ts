import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnoseResults } from "../../../src/evaluation/diagnoses.js";
import type { ResultRow, Results } from "../../../src/protocol/results.js";
import { exampleResults } from "./exampleResults.js";

interface Model {
  /** Share of needles found up to W and beyond it; nats a token up to W and beyond it. */
  readonly inside: number;
  readonly beyond: number;
  readonly loss: number;
  readonly lossBeyond: number;
}

const trials = 40;
const good: Model = { inside: 0.95, beyond: 0.9, loss: 3, lossBeyond: 2.9 };
const base: Model = { inside: 0.95, beyond: 0.1, loss: 3, lossBeyond: 5 };

/** Needles at W = 256 and 1,024 tokens, and ten documents that differ in difficulty. */
function results(models: Readonly<Record<string, Model>>): Results {
  const rows: ResultRow[] = Object.entries(models).flatMap(([model, { inside, beyond, loss, lossBeyond }]) => {
    const common = { model, answer: null, expected: null };
    const needles = [256, 1_024].flatMap((length) =>
      Array.from({ length: trials }, (_, trial) => {
        const score = trial < Math.round((length === 256 ? inside : beyond) * trials) ? 1 : 0;
        return { ...common, task: "needle", length, depth: 0.5, trial, promptHash: `${length} ${trial}`, score };
      }),
    );
    const documents = [256, 1_024].flatMap((length) =>
      Array.from({ length: 10 }, (_, trial) => {
        const score = (length === 256 ? loss : lossBeyond) + trial / 10 + (trial % 3) / 1_000;
        return { ...common, task: "perplexity", length, depth: null, trial, promptHash: `d${trial}`, score, tokens: 100 };
      }),
    );
    return [...needles, ...documents];
  });
  return { version: 1, run: "r", window: 256, targetLength: 1_024, rows };
}

const titles = (models: Readonly<Record<string, Model>>): string[] => diagnoseResults(results(models)).map(({ title }) => title);

describe("diagnoseResults", () => {
  it("has nothing to say of a merge that keeps both abilities", () => {
    expect(titles({ base, extended: good, merged: good })).toEqual([]);
    expect(titles({ base, extended: good, merged: { ...good, beyond: 0.85, loss: 3.02 } })).toEqual([]);
    expect(diagnoseResults({ ...exampleResults(), rows: [] })).toEqual([]);
  });

  it("tells of a merge that lost the long range", () => {
    const [found, ...others] = diagnoseResults(results({ base, extended: good, merged: { ...good, beyond: 0.6 } }));
    expect(found).toMatchObject({
      title: "The merge lost long-context retrieval",
      setting: expect.stringMatching(/^merge\.alpha \(higher\)/u) as string,
    });
    expect(found!.evidence).toMatch(/retrieves 30 \(\d+ to \d+\) in a hundred fewer needles/u);
    expect(others).toEqual([]);
  });

  it.each([
    ["needles", { ...good, inside: 0.7 }, /retrieves 25 \(\d+ to \d+\) in a hundred fewer needles than the base\.$/u],
    ["perplexity", { ...good, loss: 3.1, lossBeyond: 3 }, /has a perplexity 10\.5 % above the base's \(10\.\d to 10\.\d\)\.$/u],
  ])("tells of a merge that lost %s inside the window", (_, merged, evidence) => {
    const [found, ...others] = diagnoseResults(results({ base, extended: good, merged }));
    expect(found).toMatchObject({ title: "The merge lost ability inside the window", evidence: expect.stringMatching(evidence) as string });
    expect(others).toEqual([]);
  });

  it("turns alpha to where the better model is", () => {
    const setting = (extended: Model) =>
      diagnoseResults(results({ base, extended, merged: { ...good, loss: 3.1, lossBeyond: 3 } }))[0]?.setting;
    expect(setting({ ...good, loss: 3.2 })).toMatch(/^merge\.alpha \(lower\)/u);
    // As with rotary scaling alone: training had mended what the scaling costs, and the merge undid it.
    expect(setting(good)).toMatch(/^merge\.alpha \(higher\)/u);
  });

  it("tells of long context that does not work, and of a task that is too hard anywhere", () => {
    expect(titles({ base, merged: { ...good, beyond: 0.2 } })).toEqual(["Long-context results are poor"]);
    const anywhere = diagnoseResults(results({ base: { ...base, inside: 0.1 }, merged: { ...good, inside: 0.1, beyond: 0.1 } }));
    expect(anywhere.map(({ setting }) => setting)).toEqual([expect.stringContaining("evaluation.needle")]);
    const broken = diagnoseResults(results({ base, merged: { ...good, inside: 0.1, beyond: 0.1 } }));
    expect(broken.map(({ setting }) => setting)).toEqual([
      expect.stringContaining("merge.alpha"),
      expect.stringContaining("training.steps"),
    ]);
    expect(titles({ base, merged: { ...good, lossBeyond: 3.3 } })).toEqual([]);
    expect(titles({ base, merged: { ...good, lossBeyond: 3.5 } })).toEqual(["Text beyond the window is not understood"]);
    // The base alone was asked: nothing was extended.
    expect(titles({ base })).toEqual([]);
  });

  it("never blames a merge that equals the base, nor one that equals the extended model for the length", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const model = fc.record({
      inside: share,
      beyond: share,
      loss: fc.double({ min: 1, max: 5, noNaN: true }),
      lossBeyond: fc.double({ min: 1, max: 5, noNaN: true }),
    });
    fc.assert(
      fc.property(model, model, (one, other) => {
        expect(titles({ base: one, extended: other, merged: one })).not.toContain("The merge lost ability inside the window");
        expect(titles({ base: one, extended: other, merged: other })).not.toContain("The merge lost long-context retrieval");
      }),
      { numRuns: 50 },
    );
  });
});
