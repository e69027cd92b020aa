import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { levelOf, levelScores, levels, ScoreDistribution } from "../../../src/editor/highlight/ranks.js";
import { firstTokens, impactfulSentence, sentenceOf } from "../../../src/editor/highlight/sentences.js";
import { ShiftedTokens } from "../../../src/editor/highlight/tokens.js";
import { ImpactMap, visibleAnchors, visibleTints } from "../../../src/editor/highlight/viewport.js";
import { segmentSentences, sentenceTokens } from "../../../src/recipe/sentences.js";
import { scoreText } from "../../support/scoredRun.js";

const scores = fc
  .array(fc.float({ noNaN: true, min: -50, max: 50 }), { minLength: 1, maxLength: 400 })
  .map((values) => Float32Array.from(values));

function spread(values: Float32Array): ScoreDistribution {
  const distribution = new ScoreDistribution();
  distribution.add(values);
  return distribution;
}

describe("ranks", () => {
  it("the threshold of a share parts off the wanted number of scores, but for the width of a bin", () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0.05, max: 0.5, noNaN: true }), (values, share) => {
        const threshold = spread(values).threshold(share);
        const sorted = [...values].sort((a, b) => b - a);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
        // A bin spans one part in 512 of a number's size; its other border may come nearer.
        const wide = Math.abs(exact) / 256 + 1e-30;
        const near = sorted.filter((score) => Math.abs(score - exact) <= wide).length;
        const reached = sorted.filter((score) => score >= threshold).length;
        expect(Math.abs(reached - share * sorted.length)).toBeLessThanOrEqual(near + 1);
      }),
    );
  });

  it("ranks fall as scores rise, and NaN has none", () => {
    fc.assert(
      fc.property(scores, (values) => {
        const distribution = spread(values);
        const shares = [...values].sort((a, b) => a - b).map((score) => distribution.topShare(score));
        shares.forEach((share, at) => expect(share).toBeLessThanOrEqual(shares[at - 1] ?? 1));
        expect(distribution.topShare(Number.NaN)).toBeNaN();
        expect(distribution.histogram(20).counts.reduce((sum, count) => sum + count, 0)).toBeOneOf([0, values.length]);
      }),
    );
  });

  it("levels halve the share from one to the next", () => {
    const distribution = spread(Float32Array.from({ length: 100_000 }, (_, at) => at / 1000 + 1));
    const cutoffs = levelScores(distribution, 0.2);
    const counts = Array.from({ length: levels + 1 }, () => 0);
    for (let at = 0; at < 100_000; at++) counts[levelOf(at / 1000 + 1, cutoffs)]!++;
    expect(counts.map((count) => Math.round(count / 100) / 10)).toEqual(
      [80, 10, 5, 2.5, 1.3, 1.3].map((x) => expect.closeTo(x, 0) as number),
    );
    expect(levelScores(distribution, 0.2, 90)[0]).toBe(90);
    expect(levelOf(Number.NaN, cutoffs)).toBe(0);
    expect(new ScoreDistribution().threshold(0.2)).toBe(Infinity);
  });
});

describe("sentences", () => {
  it("cut in parts are those of the whole text", async () => {
    const paragraph = "One sentence stands here, and it is long enough. Dr. Who? 漢字。次の文。\n";
    const text = Array.from({ length: 4000 }, (_, at) => paragraph + (at % 3 === 0 ? "\n" : "")).join("");
    const tokens = scoreText(text);
    const whole = sentenceTokens(text, segmentSentences(text), tokens.starts, tokens.ends);
    expect(await firstTokens(text, tokens, () => Promise.resolve())).toEqual(whole);
  });

  it("next and previous go through the impactful ones, each once", () => {
    const text = "Box 1 is here. Nothing. And 2 or 3. Nothing more. Then 4.";
    const scored = scoreText(text);
    const tokens = ShiftedTokens.fresh(scored);
    const firsts = sentenceTokens(text, segmentSentences(text), scored.starts, scored.ends);
    const start = (sentence: number): number => scored.starts[firsts[sentence]!]!;
    const forwards: number[] = [];
    for (let at = 0, next: number | null; (next = impactfulSentence(tokens, firsts, 5, at, "next")) !== null; at = start(next) + 1)
      forwards.push(next);
    expect(forwards).toEqual([2, 4]);
    expect(impactfulSentence(tokens, firsts, 5, text.length - 1, "previous")).toBe(2);
    expect(impactfulSentence(tokens, firsts, 5, start(2) + 1, "previous")).toBe(0);
    expect(sentenceOf(firsts, firsts[3]!)).toBe(3);
  });
});

describe("what is in view", () => {
  it("is all and only the impactful tokens of the spans; bytes of one character are one mark", () => {
    const tokens = ShiftedTokens.fresh({
      starts: Int32Array.of(0, 3, 3, 5, 9),
      ends: Int32Array.of(3, 5, 5, 9, 12),
      score: Float32Array.of(Number.NaN, 2, 9, 1, 5),
    });
    const cutoffs = Float32Array.of(2, 4, 6, 8, 10);
    expect(visibleTints(tokens, cutoffs, [{ start: 0, end: 12 }])).toEqual([
      { start: 3, end: 5, level: 4, stale: false },
      { start: 9, end: 12, level: 2, stale: false },
    ]);
    expect(visibleTints(tokens, cutoffs, [{ start: 5, end: 9 }])).toEqual([]);
    expect(visibleAnchors(tokens, cutoffs, Int32Array.of(0, 3), [{ start: 0, end: 9 }]).map(({ sentence }) => sentence)).toEqual([0, 1]);
    const map = new ImpactMap(2, 12);
    for (const start of [0, 4, 8]) map.add(tokens, 2, { start, end: start + 4 });
    expect(map.totals).toEqual({ tokens: 5, impactful: 3 });
    expect(map.share(1)).toBe(1);
  });
});

describe("colours of the levels", () => {
  const colors = z
    .object({ contributes: z.object({ colors: z.array(z.object({ id: z.string(), defaults: z.record(z.string(), z.string()) })) }) })
    .parse(JSON.parse(readFileSync("package.json", "utf8"))).contributes.colors;
  const themes = {
    dark: { background: "#1F1F1F", text: "#CCCCCC" },
    light: { background: "#FFFFFF", text: "#3B3B3B" },
    highContrast: { background: "#000000", text: "#FFFFFF" },
    highContrastLight: { background: "#FFFFFF", text: "#292929" },
  };

  const rgb = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (color: number[]): number => color.reduce((sum, value, at) => sum + linear(value) * [0.2126, 0.7152, 0.0722][at]!, 0);
  const over = (hex: string, background: number[]): number[] => {
    const alpha = Number.parseInt(hex.slice(7, 9), 16) / 255;
    return rgb(hex).map((value, at) => background[at]! + (value - background[at]!) * alpha);
  };

  it.each(Object.entries(themes))("get stronger step by step and leave the text readable (%s)", (theme, { background, text }) => {
    const shades = Array.from({ length: levels }, (_, at) =>
      over(colors.find(({ id }) => id === `longrecipe.significanceLevel${at + 1}`)!.defaults[theme]!, rgb(background)),
    );
    // One hue of rising strength: told apart by lightness alone, whatever colours an eye can see.
    const lightness = [rgb(background), ...shades].map((shade) => Math.cbrt(luminance(shade)));
    const steps = lightness.slice(1).map((value, at) => Math.abs(value - lightness[at]!));
    for (const step of steps) expect(step).toBeGreaterThan(0.012);
    expect(Math.max(...steps.slice(1)) / Math.min(...steps.slice(1))).toBeLessThan(1.7);
    for (const shade of shades) {
      const [low, high] = [luminance(shade), luminance(rgb(text))].sort((a, b) => a - b) as [number, number];
      expect((high + 0.05) / (low + 0.05)).toBeGreaterThan(theme.startsWith("high") ? 7 : 4.5);
    }
  });
});
