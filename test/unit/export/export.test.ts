import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { exportCells } from "../../../src/evaluation/export/cells.js";
import { exportResults, fileOf, modelsOf } from "../../../src/evaluation/export/index.js";
import { lmEvalResults, lmEvalTask } from "../../../src/evaluation/export/lmEval.js";
import type { ResultRow, Results } from "../../../src/protocol/results.js";
import { wideResults } from "../../support/wideResults.js";

const results = wideResults();
const options = { producer: "longrecipe 0.1.0", date: 1_750_000_000_000 };
const theirs = (model: string) => lmEvalResults(results, { model, ...options });

describe("lm-evaluation-harness's form", () => {
  it("names tasks as it does, and has a metric for each length", () => {
    expect(
      ["ruler/niah_single_1", "ruler/vt", "ruler/qa_1", "longbench/hotpotqa", "needle"].map((task) => lmEvalTask({ task, length: 1 })),
    ).toEqual(["niah_single_1", "ruler_vt", "ruler_qa_squad", "longbench_hotpotqa", "longrecipe_needle"]);
    const merged = theirs("merged");
    expect(merged.results["ruler_vt"]).toMatchObject({ alias: "ruler_vt", "1024,none": 0.9, "4096,none": 0.7 });
    expect(merged.results["mmlu_anatomy"]).toMatchObject({ "acc,none": 0.2 });
    expect(merged.higher_is_better).toMatchObject({ longrecipe_perplexity: { 1024: false }, mmlu_anatomy: { acc: true } });
    expect(merged.group_subtasks["ruler"]).toHaveLength(13);
    expect(merged.group_subtasks["mmlu"]).toEqual(["mmlu_anatomy", "mmlu_astronomy"]);
    expect(merged.groups).toMatchObject({ mmlu: { "acc,none": 0.2 }, ruler: { "4096,none": expect.closeTo(0.7) as number } });
    expect(merged.higher_is_better).toMatchObject({ longrecipe_contrast: { 4096: true } });
    expect(merged.longrecipe).toMatchObject({ complete: false });
  });

  it("has the same keys for every task that has results, groups apart", () => {
    const { results: scores, configs, versions, "n-shot": shots, "n-samples": samples, group_subtasks: groups } = theirs("gpt-4.1");
    const tasks = Object.keys(configs).sort();
    expect(Object.keys(samples).sort()).toEqual(tasks);
    expect(Object.keys(shots).sort()).toEqual(tasks);
    expect(Object.keys(scores).filter((name) => !tasks.includes(name))).toEqual(
      Object.keys(groups).filter((name) => !tasks.includes(name)),
    );
    expect(Object.keys(versions).sort()).toEqual(Object.keys(scores).sort());
  });

  it("counts the samples of all lengths of a task, documents once, and what is missing among them", () => {
    expect(theirs("base")["n-samples"]).toMatchObject({
      mmlu_anatomy: { original: 43, effective: 40 },
      ruler_vt: { original: 40, effective: 40 },
      longrecipe_needle: { original: 40, effective: 40 },
      longrecipe_perplexity: { original: 5, effective: 5 },
      longbench_lcc: { original: 512, effective: 12 },
    });
    // At 4k there is no answer to any.
    expect(theirs("gpt-4.1")["n-samples"]).toMatchObject({ ruler_fwe: { original: 40, effective: 30 } });
  });

  it("counts a document once that several metrics are made of", () => {
    const abilities = ["acc", "acc_norm"].flatMap((metric) =>
      [0, 1, 2].map((document) => ({ model: "m", task: "arc", metric, document, score: 1 })),
    );
    const counted = lmEvalResults({ ...results, rows: [], abilities, missing: [] }, { model: "m", ...options });
    expect(counted["n-samples"]).toEqual({ arc: { original: 3, effective: 3 } });
  });

  it("gives the standard error of the mean as it does: by n - 1", () => {
    const cell = exportCells(results).find(({ model, task }) => model === "base" && task === "gsm8k");
    // Ten of thirty.
    expect(cell?.stderr).toBeCloseTo(Math.sqrt(((1 / 3) * (2 / 3) * (30 / 29)) / 30), 12);
  });

  it("has standard errors that weights of one scale do not change, and that repeating rows lowers", () => {
    const score = fc.double({ min: 0, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.array(score, { minLength: 2, maxLength: 20 }), fc.integer({ min: 1, max: 1000 }), (scores, tokens) => {
        const row = (value: number, trial: number, more: Partial<ResultRow>): ResultRow => ({
          ...{ model: "m", task: "loss-by-distance", length: 8, depth: null, trial, promptHash: "", answer: null, expected: null },
          score: value,
          ...more,
        });
        const errorOf = (rows: ResultRow[]): number =>
          exportCells({ ...results, rows, abilities: [], missing: [] })[0]?.stderr ?? Number.NaN;
        const plain = errorOf(scores.map((value, trial) => row(value, trial, {})));
        expect(errorOf(scores.map((value, trial) => row(value, trial, { tokens })))).toBeCloseTo(plain, 9);
        expect(errorOf([...scores, ...scores].map((value, trial) => row(value, trial, {})))).toBeLessThanOrEqual(plain + 1e-12);
      }),
      { numRuns: 50 },
    );
  });

  it("is a file for each model, or of the one that is named", () => {
    expect(exportResults(results, { format: "lm-eval", ...options }).map(({ model }) => model)).toEqual(["base", "merged", "gpt-4.1"]);
    expect(exportResults(results, { format: "lm-eval", model: "merged", ...options })).toHaveLength(1);
    expect(() => exportResults(results, { format: "lm-eval", model: "other", ...options })).toThrow("no results of other");
    expect(fileOf("out/r.json", "merged@0.5", true)).toBe("out/r.merged@0.5.json");
    expect(fileOf("out/r.json", "a/b", false)).toBe("out/r.json");
    expect(modelsOf({ ...results, rows: [] })).toEqual(["base", "merged", "gpt-4.1"]);
  });
});

describe("CSV", () => {
  it("has every row, every gap, and no formula", () => {
    const [first] = results.rows;
    const risky: Results = { ...results, rows: [{ ...first!, answer: '=HYPERLINK("http://x","a, b")\nc' }, ...results.rows.slice(1)] };
    const [file] = exportResults(risky, { format: "csv", ...options });
    const records = z.array(z.record(z.string(), z.string())).parse(parse(file?.text ?? "", { columns: true }));
    expect(records).toHaveLength(results.rows.length + (results.abilities ?? []).length + (results.missing ?? []).length);
    expect(records[0]?.["answer"]).toBe(`'=HYPERLINK("http://x","a, b")\nc`);
    expect(records.filter(({ missing }) => missing !== "").map(({ missing }) => missing)).toEqual(["10", "3", "500"]);
  });
});

describe("Markdown", () => {
  const text = exportResults(results, { format: "markdown", ...options })[0]?.text ?? "";
  it("has a table a benchmark, marks partial scores and lists what is missing", () => {
    expect(text).toContain("## ruler/vt (mean score)");
    expect(text).toMatch(/\| base \| 0\.900 ± 0\.100 \| 0\.900 ± 0\.100 \| 0\.100 ± 0\.100 \|/u);
    expect(text).toMatch(/\| base \|.* 0\.625 ± 0\.078\*/u);
    expect(text).toContain("**Not complete**");
    expect(text).toContain("503 (overloaded)");
  });
  it("lets no name of a model break its tables", () => {
    const [first] = results.rows;
    const odd = exportResults({ ...results, rows: [{ ...first!, model: "a|b <i>" }] }, { format: "markdown", ...options })[0]?.text;
    expect(odd).toContain("a\\|b \\<i\\>");
  });
});
