import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addSentences, concentration, diagnoseConcentration, noConcentration } from "../../../src/recipe/diagnosis/concentration.js";
import { diagnoseReplay } from "../../../src/recipe/diagnosis/replay.js";
import { diagnoseSkips, type Probes } from "../../../src/recipe/diagnosis/skips.js";
import { Random } from "../../../src/recipe/random.js";

/** A corpus of sentences; `level` gives what all tokens of a sentence score on top of noise in [0, 1). */
function corpus(random: Random, level: (sentence: number) => number): { first: Int32Array; scores: Float32Array } {
  const first: number[] = [];
  const scores: number[] = [];
  for (let sentence = 0; sentence < 400; sentence++) {
    first.push(scores.length);
    for (let token = random.integer(3, 30); token > 0; token--) scores.push(random.unit() + level(sentence));
  }
  return { first: Int32Array.from(first), scores: Float32Array.from(scores) };
}

function sumsOf({ first, scores }: { first: Int32Array; scores: Float32Array }, share: number) {
  const threshold = [...scores].sort((a, b) => b - a)[Math.floor(share * scores.length)]!;
  const sums = { ...noConcentration };
  addSentences(sums, first, scores, threshold);
  return sums;
}

describe("concentration", () => {
  it("equals what shuffling the scores gives on average", () => {
    const random = new Random(1, "shuffles");
    const { first, scores } = corpus(random, (sentence) => (sentence % 10 === 0 ? 2 : 0));
    const found = Array.from({ length: 300 }, () => {
      const shuffled = Float32Array.from(random.shuffle([...scores]));
      return concentration(sumsOf({ first, scores: shuffled }, 0.2))!;
    });
    const mean = found.reduce((sum, { correlation }) => sum + correlation, 0) / found.length;
    const deviation = Math.sqrt(found.reduce((sum, { correlation }) => sum + (correlation - mean) ** 2, 0) / found.length);
    expect(Math.abs(mean)).toBeLessThan((3 * found[0]!.error) / Math.sqrt(found.length));
    expect(deviation / found[0]!.error).toBeGreaterThan(0.8);
    expect(deviation / found[0]!.error).toBeLessThan(1.2);
  });

  it("is 1 where whole sentences are impactful or not at all, and no more", () => {
    const whole = corpus(new Random(2, "whole"), (sentence) => (sentence % 5 === 0 ? 10 : 0));
    const sums = { ...noConcentration };
    addSentences(sums, whole.first, whole.scores, 5);
    expect(concentration(sums)!.correlation).toBeCloseTo(1, 1);
    const score = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 200 });
    fc.assert(
      // Sentences of one length: where lengths differ, the longest being impactful can exceed 1 a little.
      fc.property(score, fc.integer({ min: 2, max: 9 }), (values, step) => {
        const first = Int32Array.from({ length: Math.floor(values.length / step) }, (_, at) => at * step);
        const scores = Float32Array.from(values.slice(0, first.length * step));
        const found = first.length === 0 ? null : concentration(sumsOf({ first, scores }, 0.3));
        if (found !== null) expect(found.correlation).toBeLessThanOrEqual(scores.length / (scores.length - 1) + 1e-9);
      }),
    );
  });

  it("leaves out tokens without a score, and says nothing where nothing can be said", () => {
    const sums = { ...noConcentration };
    addSentences(sums, Int32Array.of(0, 2), Float32Array.of(Number.NaN, 1, 0, 1), 1);
    expect(sums).toMatchObject({ n: 3, k: 2, nn: 5, kk: 2 });
    expect(concentration({ ...noConcentration })).toBeNull();
    expect(diagnoseConcentration({ ...noConcentration })).toBeNull();
    // All scores alike: every token reaches the threshold.
    const alike = { ...noConcentration };
    addSentences(alike, Int32Array.of(0, 3), new Float32Array(9), 0);
    expect(concentration(alike)).toBeNull();
    expect(diagnoseConcentration(alike)?.cause).toContain("hardly differs");
  });
});

describe("diagnoseConcentration", () => {
  it("speaks up for noise and for one model twice, and not where sentences stand out", () => {
    const random = new Random(3, "diagnose");
    const told = (level: (sentence: number) => number, scale = 1) => {
      const made = corpus(random, level);
      return diagnoseConcentration(sumsOf({ first: made.first, scores: made.scores.map((score) => score * scale) }, 0.2));
    };
    expect(told(() => 0)).toMatchObject({
      title: "Significance is close to uniform",
      cause: expect.stringContaining("random ones") as string,
    });
    expect(told((sentence) => (sentence % 4 === 0 ? 0.5 : 0))).toBeNull();
    expect(told((sentence) => (sentence % 4 === 0 ? 0.5 : 0), 1e-3)?.cause).toContain("hardly differs");
  });
});

describe("diagnoseSkips", () => {
  /** Samples of 300 tokens with plain loss `plain` and a cost of skips `gap`, in nats a token, spread a little. */
  const probes = (plain: number, gap: number): Probes =>
    [0, 1, 2, 3, 4, 5].map((at) => {
      const loss = plain + at / 10;
      return { tokens: 300, plain: 300 * loss, skipped: 300 * (loss + gap + at / 200) };
    });

  it("is silent where skips were learned and plain text was kept", () => {
    expect(diagnoseSkips(probes(3, 0.5), probes(2.9, 0.05))).toBeNull();
    expect(diagnoseSkips(probes(3, 0.5), probes(3.05, 0.2))).toBeNull();
    expect(diagnoseSkips([], [])).toBeNull();
  });

  it("tells of plain text that got worse, and of skips that were not learned", () => {
    const damaged = diagnoseSkips(probes(3, 0.5), probes(3.4, 0.1));
    expect(damaged?.title).toContain("broke");
    expect(damaged?.evidence).toContain("+0.40 nats a token (+0.40 to +0.40)");
    expect(diagnoseSkips(probes(3, 0.5), probes(2.9, 0.45))?.title).toContain("not learned");
  });

  it("waits for the interval: one sample alone proves nothing", () => {
    expect(diagnoseSkips(probes(3, 0.5).slice(0, 1), probes(5, 0.1).slice(0, 1))).toBeNull();
  });
});

describe("diagnoseReplay", () => {
  it("tells of data that is far away and of drift", () => {
    expect(diagnoseReplay({ firstLoss: 3, heldOutBefore: 2.9, heldOutAfter: 2.8 })).toBeNull();
    expect(diagnoseReplay({ firstLoss: 6, heldOutBefore: 2.9, heldOutAfter: 2.9 })?.title).toContain("far");
    const drifted = diagnoseReplay({ firstLoss: 1.5, heldOutBefore: 2.9, heldOutAfter: 3 });
    expect(drifted?.title).toContain("away");
    expect(drifted?.evidence).toContain("+10.5 %");
  });

  it("speaks up the more, the worse it is", () => {
    const loss = fc.double({ min: 0.1, max: 8, noNaN: true });
    fc.assert(
      fc.property(loss, loss, loss, fc.double({ min: 0, max: 3, noNaN: true }), (firstLoss, heldOutBefore, heldOutAfter, more) => {
        if (diagnoseReplay({ firstLoss, heldOutBefore, heldOutAfter }) === null) return;
        expect(diagnoseReplay({ firstLoss: firstLoss + more, heldOutBefore, heldOutAfter: heldOutAfter + more })).not.toBeNull();
      }),
    );
  });
});
