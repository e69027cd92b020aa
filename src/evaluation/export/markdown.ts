/** Tables of an evaluation in Markdown: a table a benchmark, models by lengths, and what is missing. */
import type { Results } from "../../protocol/results.js";
import { escapeMarkdown, tokensText } from "../format.js";
import { exportCells, type ExportCell } from "./cells.js";

const units: Readonly<Record<string, string>> = { acc: "share right", score: "mean score", perplexity: "perplexity", nats: "nats" };

/** Scores as `0.93 ± 0.02` (standard error); `*` marks those of which prompts are missing. */
export function markdownResults(results: Results): string {
  const cells = exportCells(results);
  const withLengths = cells.filter(({ length }) => length !== null);
  const tasks = [...new Set(withLengths.map(({ task }) => task))];
  const missing = results.missing ?? [];
  return [
    `# ${escapeMarkdown(results.run)}`,
    `Original window ${tokensText(results.window)} tokens, target ${tokensText(results.targetLength)}. Scores ± standard error.`,
    ...(missing.length === 0 ? [] : ["**Not complete**: scores with * lack prompts; see Missing."]),
    ...tasks.map((task) =>
      table(
        task,
        withLengths.filter((cell) => cell.task === task),
        ({ length }) => tokensText(length ?? 0),
      ),
    ),
    ...abilityTable(cells.filter(({ length }) => length === null)),
    ...missingTable(results),
  ]
    .join("\n\n")
    .concat("\n");
}

function table(title: string, cells: readonly ExportCell[], columnOf: (cell: ExportCell) => string): string {
  const columns = [...new Set([...cells].sort((a, b) => (a.length ?? 0) - (b.length ?? 0)).map(columnOf))];
  const models = [...new Set(cells.map(({ model }) => model))];
  const unit = units[cells[0]?.metric ?? ""] ?? "score";
  return [
    `## ${escapeMarkdown(title)} (${unit})`,
    "",
    row(["model", ...columns]),
    row(["---", ...columns.map(() => "---:")]),
    ...models.map((model) =>
      row([
        escapeMarkdown(model),
        ...columns.map((column) => {
          const cell = cells.find((one) => one.model === model && columnOf(one) === column);
          return cell === undefined ? "–" : cellText(cell);
        }),
      ]),
    ),
  ].join("\n");
}

function abilityTable(cells: readonly ExportCell[]): string[] {
  if (cells.length === 0) return [];
  return [table("General ability", cells, ({ task, metric }) => escapeMarkdown(`${task} (${metric})`))];
}

function missingTable({ missing = [] }: Results): string[] {
  if (missing.length === 0) return [];
  const lines = missing.map(({ model, task, length, count, reason }) =>
    row([
      escapeMarkdown(model ?? "every model"),
      escapeMarkdown(task),
      length === null ? "–" : tokensText(length),
      String(count),
      escapeMarkdown(reason),
    ]),
  );
  return [
    ["## Missing", "", row(["model", "task", "length", "prompts", "why"]), row(["---", "---", "---:", "---:", "---"]), ...lines].join("\n"),
  ];
}

function cellText({ value, stderr, missing }: ExportCell): string {
  const digits = Math.abs(value) < 10 ? 3 : 2;
  return `${value.toFixed(digits)}${stderr === null ? "" : ` ± ${stderr.toFixed(digits)}`}${missing > 0 ? "*" : ""}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
