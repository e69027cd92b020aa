/** The report as one HTML file without outside parts: it can be mailed, printed, or opened years later. */
import type { Diagnosis } from "../protocol/events.js";
import { isUnmeasured } from "../recipe/diagnosis/unmeasured.js";
import { benchmarkCharts } from "./benchmarkCharts.js";
import { accuracyChart, lossChart } from "./charts.js";
import { escapeHtml, tokensText } from "./format.js";
import { heatmap } from "./heatmap.js";
import { diagnosisSections, reportTables, rulerThreshold, type ReportInput, type TextTable } from "./report.js";
import { reportStyle } from "./reportStyle.js";
import { coverageChart, validationChart } from "./trainingCharts.js";
import { verdicts } from "./verdict.js";

export function htmlReport(input: ReportInput): string {
  const { summary, model, losses, diagnoses, validations = [], coverage = null } = input;
  const tables = reportTables(input);
  const accuracy = accuracyChart(summary);
  const training = [
    [lossChart(losses), "Loss by optimizer step"],
    [validationChart(validations), "Perplexity of held-out text inside and beyond the original window, by optimizer step"],
    [coverage === null ? "" : coverageChart(coverage), "How often samples hold a distance, as a multiple of every distance equally often"],
  ].filter(([picture]) => picture !== "");
  const maps = summary.needle.map((row) =>
    figure(heatmap(row, summary), `${row.model}: percent retrieved, by tokens in the prompt (across) and depth of the needle (down)`),
  );
  const body = [
    `<h1>${escapeHtml(summary.run)}</h1>`,
    `<p>Model ${escapeHtml(model)}: window W = ${tokensText(summary.window)}, target T = ${tokensText(summary.targetLength)} tokens.</p>`,
    `<ul>${verdicts(summary)
      .map((line) => `<li>${escapeHtml(line)}</li>`)
      .join("")}</ul>`,
    ...diagnosisSections(diagnoses).map(({ title, entries }) => `<h2>${title}</h2>${entries.map(htmlDiagnosis).join("")}`),
    ...(accuracy === "" ? [] : [figure(accuracy, "Needle accuracy by prompt length, with 95 % intervals")]),
    ...(input.results === undefined ? [] : benchmarkCharts(input.results, rulerThreshold(input.recipe))).map(([picture, caption]) =>
      figure(picture, caption),
    ),
    ...tables.map(htmlTable),
    ...(maps.length === 0 ? [] : [`<h2>Needle accuracy by length and depth</h2><div class="maps">${maps.join("")}</div>`]),
    ...(training.length === 0 ? [] : ["<h2>Training</h2>", ...training.map(([picture = "", caption = ""]) => figure(picture, caption))]),
  ];
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(summary.run)} – LongRecipe report</title><style>${reportStyle}</style></head>`,
    `<body><main>${body.join("\n")}</main></body></html>`,
    "",
  ].join("\n");
}

function htmlDiagnosis(diagnosis: Diagnosis): string {
  const { title, evidence, cause, setting } = diagnosis;
  const row = (name: string, text: string): string => `<dt>${name}</dt><dd>${escapeHtml(text)}</dd>`;
  const why = isUnmeasured(diagnosis) ? row("Why", cause) : `${row("Seen", evidence)}${row("Likely cause", cause)}`;
  return `<h3>${escapeHtml(title)}</h3><dl>${why}${row("To change", setting)}</dl>`;
}

function figure(picture: string, caption: string): string {
  return `<figure>${picture}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

function htmlTable({ title, head, rows, note, words = false }: TextTable): string {
  const heading = head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join("");
  const lines = rows.map(([name = "", ...cells]) => {
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
  });
  const table = `<table${words ? ' class="words"' : ""}><thead><tr>${heading}</tr></thead><tbody>${lines.join("")}</tbody></table>`;
  // Focusable, so that a keyboard can scroll it.
  return `<h2>${escapeHtml(title)}</h2><div class="wide" tabindex="0" role="region" aria-label="${escapeHtml(title)}">${table}</div>${note === "" ? "" : `<p class="note">${escapeHtml(note)}</p>`}`;
}
