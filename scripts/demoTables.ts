/** The demo's tables, and the figures that are promised for the embedded model. */
import { perplexityText, percent } from "../src/evaluation/format.js";
import { mended, type Summary } from "../src/evaluation/summary.js";

const names: Readonly<Record<string, string>> = { base: "base", rope: "rope only", extended: "extended", merged: "merged" };

/** Needle accuracy by length and perplexity inside and beyond the window, a line a model. */
export function demoTables(summary: Summary): string {
  const header = ["needle", ...summary.lengths.map((length) => (length === summary.window ? `${String(length)}=W` : String(length)))];
  const needle = summary.needle.map(({ model, byLength }) => [
    names[model] ?? model,
    ...summary.lengths.map((length) => {
      const found = byLength.get(length);
      return found ? percent(found.share) : "";
    }),
  ]);
  const perplexity = summary.perplexity.map(({ model, inside, beyond }) => [
    names[model] ?? model,
    inside === null ? "" : perplexityText(inside),
    beyond === null ? "" : perplexityText(beyond),
  ]);
  return [
    `Window W = ${String(summary.window)}, target T = ${String(summary.targetLength)} tokens`,
    table([header, ...needle]),
    table([["perplexity", "inside W", "beyond W"], ...perplexity]),
    ...summary.needle.flatMap(({ model }) => {
      const share = model === "base" ? null : mended(summary, model);
      return share === null
        ? []
        : [`Where the base retrieves at most 40 % beyond W, ${names[model] ?? model} retrieves ${percent(share)}.`];
    }),
  ].join("\n");
}

/** What the embedded model is promised to show and does not, in words; empty when all is kept. */
export function unkeptPromises(summary: Summary): string[] {
  const needle = new Map(summary.needle.map((row) => [row.model, row]));
  const perplexity = new Map(summary.perplexity.map((row) => [row.model, row]));
  const base = needle.get("base");
  const atTarget = base?.byLength.get(summary.targetLength)?.share;
  const merged = mended(summary, "merged");
  const ratio = (perplexity.get("merged")?.inside ?? Number.NaN) / (perplexity.get("base")?.inside ?? Number.NaN);
  const promises: [boolean, string][] = [
    [(base?.inside ?? 0) >= 0.9, `the base retrieves at least 90 % inside W (${shown(base?.inside)})`],
    [(atTarget ?? 1) <= 0.2, `the base retrieves at most 20 % at T (${shown(atTarget)})`],
    [needle.has("rope"), "rotary scaling alone is shown"],
    [(merged ?? 0) >= 0.8, `merged retrieves at least 80 % where the base has at most 40 % beyond W (${shown(merged)})`],
    [ratio <= 1.03, `perplexity of merged inside W is at most 1.03 times the base's (${ratio.toFixed(3)})`],
  ];
  return promises.filter(([kept]) => !kept).map(([, promise]) => promise);
}

function shown(share: number | null | undefined): string {
  return share === null || share === undefined ? "not measured" : `measured: ${percent(share)}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
  return `${rows.map(line).join("\n")}\n`;
}
