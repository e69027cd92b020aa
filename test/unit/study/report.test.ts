import { describe, expect, it } from "vitest";
import type { StudyCell, StudyReport } from "../../../src/protocol/studyResults.js";
import { measuresOf } from "../../../src/study/measures.js";
import { studyHtml, studyMarkdown } from "../../../src/study/report.js";
import { studyRows } from "../../../src/study/rows.js";
import { exampleResults } from "../evaluation/exampleResults.js";

const cost = { trainingTokens: 1000, replayTokens: null, trainingFlops: 5e9, scoringFlops: null, seconds: 9, memoryBytes: 1e8 };

function cell(row: string, seed: number, beyond: number, more: Partial<StudyCell> = {}): StudyCell {
  return {
    row,
    seed,
    changes: {},
    run: `../.runs/${row}`,
    status: "done",
    window: 256,
    targetLength: 1024,
    cost,
    models: {
      base: { "multikey.beyond": 0.1 * seed, "multikey@1024": 0.1 * seed },
      merged: { "multikey.beyond": beyond, "multikey@1024": beyond, "perplexity.inside": 30 + seed },
    },
    ...more,
  };
}

const cells = [cell("a & b", 1, 0.5), cell("a & b", 2, 0.7), cell("c", 1, 0.6), cell("c", 2, 0.8)];

function report(change: Partial<StudyReport> = {}): StudyReport {
  const rows = studyRows(change.cells ?? cells, ["merged"], "a & b");
  return {
    version: 1,
    name: "s",
    title: "A <study>",
    question: "Which?",
    models: ["merged"],
    reference: "a & b",
    cells,
    agreement: [],
    rows,
    ...change,
  };
}

describe("rows of a study", () => {
  it("stand once for a model that is the same in all runs", () => {
    const rows = studyRows(cells, ["merged"], null);
    expect(rows.map(({ row, model, seeds }) => [row, model, seeds])).toEqual([
      ["base", "base", [1, 2]],
      ["a & b", "merged", [1, 2]],
      ["c", "merged", [1, 2]],
    ]);
    expect(rows[0]!.estimates["multikey.beyond"]!.mean).toBeCloseTo(0.15);
    expect(rows[0]!.estimates["cost.seconds"]).toBeUndefined();
    expect(rows[1]!.estimates["cost.seconds"]).toMatchObject({ mean: 9, low: 9, high: 9 });
  });

  it("stand for each row where the base was asked other things", () => {
    const other = cell("c", 1, 0.6, { models: { base: { "multikey.beyond": 0.9 }, merged: {} } });
    expect(studyRows([cells[0]!, other], ["merged"], null).map(({ row }) => row)).toEqual(["base, a & b", "base, c", "a & b", "c"]);
  });

  it("are compared with their own base where the base is the reference and models differ", () => {
    const other = cell("c", 1, 0.6, { models: { base: { "multikey.beyond": 0.9 }, merged: { "multikey.beyond": 0.6 } } });
    const rows = studyRows([cells[0]!, other], ["merged"], "base");
    const against = (name: string) => rows.find(({ row }) => row === name)!.differences["multikey.beyond"]?.mean;
    expect([against("a & b"), against("c")]).toEqual([0.4, expect.closeTo(-0.3)]);
    expect([against("base, a & b"), against("base, c")]).toEqual([undefined, undefined]);
  });

  it("differ from the reference seed by seed", () => {
    const { differences } = studyRows(cells, ["merged"], "a & b").find(({ row }) => row === "c")!;
    // Both seeds differ by 0.1: the interval is a point, though the rows themselves vary.
    expect(differences["multikey.beyond"]!.mean).toBeCloseTo(0.1);
    expect(differences["multikey.beyond"]!.high! - differences["multikey.beyond"]!.low!).toBeCloseTo(0);
  });

  it("leave out runs that failed or are open", () => {
    const some = [cells[0]!, { ...cells[1]!, status: "failed" as const }, { ...cells[2]!, status: "open" as const }];
    expect(studyRows(some, ["merged"], null).map(({ row, seeds }) => [row, seeds])).toEqual([
      ["base", [1]],
      ["a & b", [1]],
    ]);
  });
});

describe("a study's report", () => {
  it("has a table with intervals, costs and differences, as Markdown", () => {
    const text = studyMarkdown(report());
    expect(text).toContain("# A \\<study\\>");
    expect(text).toMatch(/\| c \| 70 \(0 to 100\) \| 31\.50 \(/u);
    expect(text).toMatch(/\| c \| 1,000 \| 5\.00e\+9 \| 9 \| 100 \|/u);
    expect(text).toContain("## Against a & b");
    expect(text).toMatch(/\| c \| \+10 \(\+10 to \+10\) !/u);
  });

  it("says what is missing and what failed", () => {
    const failed = {
      ...cells[1]!,
      status: "failed" as const,
      error: { code: "non-finite", message: "The training diverged.", remedy: "" },
    };
    const open = { ...cells[2]!, status: "open" as const };
    const text = studyMarkdown(report({ cells: [cells[0]!, failed, open] }));
    expect(text).toContain("1 of 3 runs are done");
    expect(text).toContain("a & b, seed 2: The training diverged.");
  });

  it("is one HTML file without outside parts, its pictures inside", () => {
    const html = studyHtml(report());
    expect(html).toContain("A &lt;study&gt;");
    expect(html).toContain("a &amp; b");
    expect(html.match(/<svg/gu)).toHaveLength(2);
    expect(html).not.toMatch(/(?:src|href)=|NaN|undefined/u);
  });

  it("can be written before anything is done", () => {
    expect(studyHtml(report({ cells: [], rows: [] }))).not.toMatch(/NaN|Infinity/u);
  });
});

describe("measures", () => {
  it("are retrieval by length, its means on both sides of W, and perplexity", () => {
    const results = exampleResults();
    const single = results.rows.flatMap((row) => (row.task === "needle" ? [{ ...row, task: "needle-single", score: 1 }] : []));
    const { base, merged } = measuresOf({ ...results, rows: [...results.rows, ...single] });
    expect(merged).toMatchObject({ "multikey@512": 1, "multikey.inside": 1, "multikey.beyond": 1, "single@512": 1 });
    expect(base).toMatchObject({ "multikey@256": 1, "multikey@512": 0.25, "multikey.beyond": 0.125, "single.beyond": 1 });
    expect(base!["perplexity.inside"]).toBeCloseTo(Math.exp((1 * 100 + 2 * 300) / 400));
  });
});
