/** The report of a study, made from study.json alone: as Markdown, and as one HTML file without outside parts. */
import { escapeHtml, escapeMarkdown } from "../evaluation/format.js";
import type { TextTable } from "../evaluation/report.js";
import { reportStyle } from "../evaluation/reportStyle.js";
import type { StudyReport } from "../protocol/studyResults.js";
import { coveragePicture, forestPicture, lengthPicture } from "./pictures.js";
import { studyTables } from "./tables.js";

export function studyMarkdown(report: StudyReport): string {
  const lines = [
    `# ${escapeMarkdown(report.title)}`,
    "",
    ...(report.question === null ? [] : [escapeMarkdown(report.question), ""]),
    ...state(report).flatMap((line) => [escapeMarkdown(line), ""]),
    ...studyTables(report).flatMap((table) => [`## ${table.title}`, "", ...markdownTable(table), "", escapeMarkdown(table.note), ""]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

/** The lines of a table alone. */
export function markdownTable({ head, rows }: Pick<TextTable, "head" | "rows">): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  return [line(head), `|${head.map((_, column) => (column === 0 ? "---" : "---:")).join("|")}|`, ...rows.map(line)];
}

/** What is missing, if anything. */
export function state({ cells }: StudyReport): string[] {
  const count = (status: string): number => cells.filter((cell) => cell.status === status).length;
  const failed = cells.filter(({ status }) => status === "failed");
  return [
    ...(count("open") > 0 ? [`${String(count("done"))} of ${String(cells.length)} runs are done; what follows is not final.`] : []),
    ...failed.map(({ row, seed, error }) => `Failed: ${row}, seed ${String(seed)}: ${error?.message ?? ""}`),
  ];
}

export function studyHtml(report: StudyReport): string {
  const pictures: [string, string][] = [
    [lengthPicture(report), "Needles retrieved among others, by prompt length: means over seeds with their 95 % intervals"],
    [forestPicture(report), "Means over seeds with their 95 % intervals"],
    [
      coveragePicture(report),
      "Relative distances between the tokens of a training sample: share of the pairs, against every distance equally often",
    ],
  ];
  const body = [
    `<h1>${escapeHtml(report.title)}</h1>`,
    ...(report.question === null ? [] : [`<p>${escapeHtml(report.question)}</p>`]),
    ...state(report).map((line) => `<p>${escapeHtml(line)}</p>`),
    ...pictures.flatMap(([picture, caption]) =>
      picture === "" ? [] : [`<figure>${picture}<figcaption>${escapeHtml(caption)}</figcaption></figure>`],
    ),
    ...studyTables(report).map(htmlTable),
  ];
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(report.title)} – LongRecipe study</title><style>${reportStyle}</style></head>`,
    `<body><main>${body.join("\n")}</main></body></html>`,
    "",
  ].join("\n");
}

function htmlTable({ title, head, rows, note }: TextTable): string {
  const heading = head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join("");
  const lines = rows.map(
    ([name = "", ...cells]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`,
  );
  const content = `<table><thead><tr>${heading}</tr></thead><tbody>${lines.join("")}</tbody></table>`;
  // Focusable, so that a keyboard can scroll it.
  return `<h2>${escapeHtml(title)}</h2><div class="wide" tabindex="0" role="region" aria-label="${escapeHtml(title)}">${content}</div><p class="note">${escapeHtml(note)}</p>`;
}
