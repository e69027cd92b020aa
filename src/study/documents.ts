/** Tables of studies in documents: what stands between `<!-- study:NAME:PART -->` and `<!-- /study -->` is made from study.json. */
import type { TextTable } from "../evaluation/report.js";
import { escapeMarkdown, inPercent, perplexityText } from "../evaluation/format.js";
import type { Estimate, StudyReport } from "../protocol/studyResults.js";
import { atLength, lengthsOf, overall } from "./measures.js";
import { markdownTable, state } from "./report.js";
import { rowName, studyTables } from "./tables.js";

const block = /(<!-- study:([\w.-]+):(\w+) -->\n)[\s\S]*?(<!-- \/study -->)/gu;

/** Names of the studies that a document shows. */
export function studiesIn(text: string): string[] {
  return [...new Set([...text.matchAll(block)].map(([, , name = ""]) => name))];
}

/** The document with its tables made anew; a study without results is told as such. @throws Error where a part is not known */
export function withTables(text: string, reports: ReadonlyMap<string, StudyReport>): string {
  return text.replace(block, (_whole, begin: string, name: string, part: string, end: string) => {
    const report = reports.get(name);
    const make = parts[part];
    if (make === undefined) throw new Error(`a study has no part ${part}; it has ${Object.keys(parts).join(", ")}`);
    const lines = report === undefined ? [`Not run yet: \`npm run study -- ${name}\`.`] : make(report);
    return `${begin}\n${lines.join("\n")}\n\n${end}`;
  });
}

const parts: Readonly<Record<string, (report: StudyReport) => string[]>> = {
  tables: (report) => [
    ...missing(report),
    ...studyTables(report).flatMap((table, place) => [...(place > 0 ? [""] : []), ...titledTable(table)]),
  ],
  comparison: (report) => [...missing(report), ...markdownTable(comparison(report))],
};

function missing(report: StudyReport): string[] {
  return state(report).flatMap((line) => [escapeMarkdown(line), ""]);
}

function titledTable(table: TextTable): string[] {
  return [`**${table.title}.** ${table.note}`, "", ...markdownTable(table)];
}

/** Retrieval by length, perplexity and costs in one table: mean and half of its 95 % interval. */
export function comparison(report: StudyReport): Pick<TextTable, "head" | "rows"> {
  const lengths = lengthsOf("multikey", new Set(report.rows.flatMap(({ estimates }) => Object.keys(estimates))));
  const window = report.cells.find((cell) => cell.window !== undefined)?.window;
  const columns: readonly (readonly [string, string, (found: Estimate) => string])[] = [
    ...lengths.map(
      (length) => [`${String(length)}${length === window ? " = W" : ""}`, atLength("multikey", length), sharePlusMinus] as const,
    ),
    ["alone, beyond W", overall.beyond("single"), sharePlusMinus],
    ["perplexity inside W", overall.inside("perplexity"), perplexityPlusMinus],
    ["beyond W", overall.beyond("perplexity"), perplexityPlusMinus],
    ["training tokens", "cost.trainingTokens", ({ mean }) => `${(mean / 1e6).toFixed(2)} M`],
    ["training FLOPs", "cost.trainingFlops", ({ mean }) => mean.toExponential(1)],
    ["seconds", "cost.seconds", ({ mean }) => mean.toFixed(0)],
    ["memory, MB", "cost.memoryBytes", ({ mean }) => (mean / 1e6).toFixed(0)],
  ];
  const rows = report.rows.map((row) => [
    rowName(report, row),
    ...columns.map(([, name, text]) => {
      const found = row.estimates[name];
      return found === undefined ? "–" : text(found);
    }),
  ]);
  return { head: ["needles found, %", ...columns.map(([head]) => head)], rows };
}

function sharePlusMinus({ mean, high }: Estimate): string {
  return high === null ? inPercent(mean) : `${inPercent(mean)} ± ${inPercent(high - mean)}`;
}

function perplexityPlusMinus({ mean, high }: Estimate): string {
  return high === null ? perplexityText(mean) : `${perplexityText(mean)} ± ${(high - mean).toFixed(2)}`;
}
