/** The report as Markdown. */
import type { Diagnosis } from "../protocol/events.js";
import { escapeMarkdown, tokensText } from "./format.js";
import { diagnosisSections, reportTables, type ReportInput, type TextTable } from "./report.js";
import { verdicts } from "./verdict.js";

export function markdownReport(input: ReportInput): string {
  const { summary, model, losses, diagnoses } = input;
  const lines = [
    `# ${escapeMarkdown(summary.run)}`,
    "",
    `Model ${escapeMarkdown(model)}: window W = ${tokensText(summary.window)}, target T = ${tokensText(summary.targetLength)} tokens.`,
    "",
    ...verdicts(summary).map((line) => `- ${escapeMarkdown(line)}`),
    "",
    ...diagnosisSections(diagnoses).flatMap(({ title, entries }) => [`## ${title}`, "", ...entries.flatMap(markdownDiagnosis), ""]),
    ...reportTables(input).flatMap(markdownTable),
    ...losses.flatMap(({ stage, loss }) =>
      loss.length === 0
        ? []
        : [`Loss of ${escapeMarkdown(stage)}: ${loss[0]?.toFixed(3) ?? ""} at first, ${loss.at(-1)?.toFixed(3) ?? ""} at last.`, ""],
    ),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function markdownDiagnosis({ title, evidence, cause, setting }: Diagnosis): string[] {
  return [`- **${escapeMarkdown(title)}.** ${escapeMarkdown(evidence)} ${escapeMarkdown(cause)} To change: ${escapeMarkdown(setting)}`];
}

/** A table with its heading. */
export function markdownTable({ title, head, rows, note }: TextTable): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  return [
    `## ${title}`,
    "",
    row(head),
    `|${head.map((_, column) => (column === 0 ? "---" : "---:")).join("|")}|`,
    ...rows.map(row),
    "",
    ...(note === "" ? [] : [escapeMarkdown(note), ""]),
  ];
}
