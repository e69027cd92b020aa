import { describe, expect, it } from "vitest";
import * as z from "zod";
import { metrics, scoreOf, type MetricName } from "../../../../src/evaluation/metrics.js";
import { chineseWords } from "../../../../src/evaluation/metrics/chinese.js";
import { bleu, clozeExact, clozePartial, rougeLRecall, rougeNRecall } from "../../../../src/evaluation/metrics/loogle.js";
import file from "./golden.json" with { type: "json" };

const known = (name: string): name is MetricName => name in metrics;
/** What the published Python code gives for these answers: LongBench's metrics.py with rouge 1.0.1, fuzzywuzzy 0.18.0 and jieba 0.42.1; LooGLE's with nltk 3.10. */
const golden = z
  .object({
    longbench: z.array(
      z.object({
        metric: z.string().refine(known),
        answer: z.string(),
        references: z.array(z.string()),
        choices: z.array(z.string()).optional(),
        score: z.number(),
      }),
    ),
    loogle: z.array(
      z.object({
        answer: z.string(),
        reference: z.string(),
        bleu1: z.number(),
        bleu4: z.number(),
        rouge1: z.number(),
        rouge2: z.number(),
        rougeL: z.number(),
      }),
    ),
  })
  .parse(file);

describe("LongBench's metrics", () => {
  it.each(golden.longbench)("$metric of $answer is the published code's $score", ({ metric, answer, references, choices, score }) => {
    if (!known(metric)) throw new Error(metric);
    expect(scoreOf(metric, answer, references, choices)).toBeCloseTo(score, 10);
  });

  it("reads v2's letter as published", () => {
    const letter = (answer: string) => scoreOf("longbench-choice", answer, ["B"]);
    expect(letter("The correct answer is (B) because (A) is wrong")).toBe(1);
    expect(letter("**The correct answer is B**")).toBe(1);
    expect(letter("The correct answer is (A), not B. The correct answer is B")).toBe(0);
    expect(letter("B")).toBe(0);
  });

  it("parts Chinese as jieba does", () => {
    expect(chineseWords("小明硕士毕业于中国科学院计算所，后在日本京都大学深造。").join("/")).toBe(
      "小明/硕士/毕业/于/中国科学院/计算所/，/后/在/日本京都大学/深造/。",
    );
  });
});

describe("LooGLE's metrics", () => {
  it.each(golden.loogle)("of $answer", ({ answer, reference, bleu1, bleu4, rouge1, rouge2, rougeL }) => {
    expect(bleu(answer, [reference], 1)).toBeCloseTo(bleu1, 10);
    expect(bleu(answer, [reference], 4)).toBeCloseTo(bleu4, 10);
    expect(rougeNRecall(answer, [reference], 1)).toBeCloseTo(rouge1, 10);
    expect(rougeNRecall(answer, [reference], 2)).toBeCloseTo(rouge2, 10);
    expect(rougeLRecall(answer, [reference])).toBeCloseTo(rougeL, 10);
  });

  it("counts filled masks", () => {
    const right = ["{'<mask-0>': 'Bob Dylan', '<mask-1>': \"O'Neill\"}"];
    expect(clozeExact("{'<mask-0>': 'Bob Dylan', '<mask-1>': 'Oslo'}", right)).toBe(0.5);
    expect(clozePartial("{'<mask-0>': 'Dylan', '<mask-1>': \"O'Neill\"}", right)).toBe(1);
    expect(clozeExact("Bob Dylan", right)).toBe(0);
    expect(clozeExact("['Bob Dylan']", right)).toBe(0);
  });
});
