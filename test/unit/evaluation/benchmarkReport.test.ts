import { describe, expect, it } from "vitest";
import { markdownReport } from "../../../src/evaluation/reportMarkdown.js";
import { htmlReport } from "../../../src/evaluation/reportHtml.js";
import { summarize } from "../../../src/evaluation/summary.js";
import type { ResultRow, Results } from "../../../src/protocol/results.js";

function rows(model: string, task: string, length: number, scores: readonly number[], over: Partial<ResultRow> = {}): ResultRow[] {
  return scores.map((score, trial) => ({
    ...{ model, task, length, depth: null, trial, promptHash: `p${String(trial)}`, answer: "a b", expected: "a b", score },
    ...over,
  }));
}

const results: Results = {
  version: 1,
  run: "r",
  window: 512,
  targetLength: 2048,
  rows: ["base", "merged"].flatMap((model) => {
    const good = model === "merged" ? 1 : 0;
    return [
      ...rows(model, "ruler/vt", 512, [1, 1, 1, 1]),
      ...rows(model, "ruler/cwe", 512, [1, 0.9, 1, 0.9]),
      ...rows(model, "ruler/vt", 2048, [good, good, 1, good]),
      ...rows(model, "ruler/cwe", 2048, [good, 0.5, 0.5, 0.5]),
      ...rows(model, "longbench/hotpotqa", 2048, [0.5, 0.25]),
      ...rows(model, "longbench/trec", 1024, [good, 1]),
      ...rows(model, "longbench-e/trec", 4000, [good]),
      ...rows(model, "longbench-v2/easy", 32_000, [1, 0]),
      ...rows(model, "longbench-v2/hard", 2_000_000, [good, 0]),
      ...rows(model, "loogle/shortdep_qa", 2048, [0.5], { answer: "the cat sat", expected: "the cat ran" }),
      ...rows(model, "needle-uuid", 512, [1, 0]),
      ...rows(model, "loss-by-distance", 8, [1.25, 1.75], { tokens: 10 }),
      ...rows(model, "loss-by-distance", 1024, [2 - good], { tokens: 10 }),
      ...rows(model, "loss-by-distance/first", 2048, [5], { tokens: 4 }),
      ...rows(model, "contrast", 1024, [0.125 + good], { tokens: 10 }),
      ...rows(model, "contrast/gaining", 1024, [0.25], { tokens: 10 }),
      ...rows(model, "contrast/key-tokens", 1024, [Math.log(3)], { tokens: 2 }),
    ];
  }),
  abilities: ["base", "merged"].flatMap((model) =>
    Array.from({ length: 20 }, (_, document) => ({
      model,
      task: "mmlu_law",
      group: "mmlu",
      metric: "acc",
      document,
      score: model === "base" || document > 9 ? 1 : 0,
    })),
  ),
  missing: [{ model: "merged", task: "longbench/trec", length: null, count: 3, reason: "trec.jsonl, line 7: it is not JSON." }],
};
const input = { summary: summarize(results), model: "m", losses: [], diagnoses: [], results };

describe("the report's benchmarks", () => {
  const text = markdownReport(input);

  it("RULER: means, effective length, and every task by length", () => {
    expect(text).toContain("| model | 512 | 2,048 \\* | mean | rising | falling | effective length |");
    expect(text).toContain("| base | 97.5 | 31.3 | 64.4 | 53.3 | 75.4 | 512 |");
    expect(text).toMatch(/\| merged \| 97\.5 \| 81\.3 \|.*\| 512 \|/u);
    expect(text).toContain("## RULER of merged by task");
    expect(text).toContain("| vt | 100.0 | 100.0 |");
  });

  it("LongBench, v2 and LooGLE by their published groups", () => {
    expect(text).toContain("| hotpotqa | 37.5 (");
    expect(text).toMatch(/\| trec \| 50\.0 \([\d–]+\) \| 100\.0 \([\d–]+\) † \|/u);
    expect(text).toMatch(/\| mean of the data sets \| 43\.8 \| 68\.8 † \|/u);
    expect(text).toContain("## LongBench-E: trec");
    expect(text).toContain("| model | overall | easy | hard | short | medium | long |");
    expect(text).toMatch(/\| merged \| 50\.0 \([\d–]+\) \| 50\.0 \([\d–]+\) \| 50\.0 \([\d–]+\) \| 50\.0 \([\d–]+\) \| – \| 50\.0/u);
    expect(text).toMatch(/\| shortdep\\_qa, base \| 66\.7 \| 50\.0 \| 66\.7 \| 0\.0 \| – \|/u);
    expect(text).toContain("## UUID needle");
  });

  it("losses in nats, general ability with its regression, and what is missing", () => {
    expect(text).toContain("| base | 1.500 | 2.000 | 5.000 |");
    expect(text).toContain("| merged | 1.125 | 1.125 | 25.0 % | 3.00 |");
    expect(text).toMatch(/\| mmlu \(acc\) \| 100\.0 \([\d–]+\) \| 50\.0 \([\d–]+\) \|/u);
    expect(text).toMatch(/\| merged \| mmlu \(acc\) \| -50\.0 % \| .* \| 20 \| worse \|/u);
    expect(text).toContain("| longbench/trec | merged | any | 3 | trec.jsonl, line 7: it is not JSON. |");
    expect(text.indexOf("## Not complete")).toBeLessThan(text.indexOf("## RULER"));
  });

  it("has a picture of each that has lengths", () => {
    const html = htmlReport(input);
    for (const label of ["RULER by prompt length", "Loss by distance", "Gain of distant context"])
      expect(html).toContain(`aria-label="${label}"`);
    expect(html).not.toContain("NaN");
  });
});
