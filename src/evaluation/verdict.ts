/** What the numbers of an evaluation say, in sentences. */
import { inPercent, percent, perplexityText } from "./format.js";
import { mended, type PerplexityRow, type Summary } from "./summary.js";

/** One line for the stage list: `merged 96 % beyond W, base 8 %`. */
export function headline(summary: Summary): string {
  const order = ["merged", "extended", "rope", "base"];
  const named = summary.needle.filter(({ model }) => model === "base" || model === best(summary, order));
  const shares = named
    .filter(({ beyond }) => beyond !== null)
    .sort((a, b) => order.indexOf(a.model) - order.indexOf(b.model))
    .map(({ model, beyond }, place) => `${model} ${percent(beyond ?? 0)}${place === 0 ? " of needles beyond W" : ""}`);
  if (shares.length > 0) return shares.join(", ");
  const [first] = summary.needle;
  if (first !== undefined) return `${first.model} ${percent(first.inside ?? 0)} of needles`;
  const perplexities = summary.perplexity.map(({ model, inside }) => `${model} ${(inside ?? Number.NaN).toFixed(2)}`);
  return perplexities.length > 0 ? `perplexity inside W: ${perplexities.join(", ")}` : "nothing to evaluate";
}

function best(summary: Summary, order: readonly string[]): string | undefined {
  const models = new Set(summary.needle.map(({ model }) => model));
  return order.find((model) => models.has(model)) ?? summary.needle[0]?.model;
}

/** Findings in sentences, one a line. */
export function verdicts(summary: Summary): string[] {
  const lines: string[] = [];
  for (const { model, inside, beyond } of summary.needle) {
    const repaired = model === "base" ? null : mended(summary, model);
    const parts = [
      ...(inside === null ? [] : [`${percent(inside)} of the needles inside the window`]),
      ...(beyond === null ? [] : [`${percent(beyond)} beyond it`]),
      ...(repaired === null ? [] : [`${percent(repaired)} where the base fails (at most 40 %)`]),
    ];
    if (parts.length > 0) lines.push(`${model} retrieves ${list(parts)}.`);
  }
  const base = summary.perplexity.find(({ model }) => model === "base");
  if (base !== undefined) lines.push(...summary.perplexity.flatMap((row) => perplexityVerdict(base, row)));
  return lines;
}

function list(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

function perplexityVerdict(base: PerplexityRow, row: PerplexityRow): string[] {
  if (row === base || row.inside === null || base.inside === null) return [];
  const change = row.inside / base.inside - 1;
  const size = inPercent(Math.abs(change), 1);
  const amount = size === "0.0" ? "as the base" : `${size} % ${change > 0 ? "above" : "below"} the base`;
  return [`Perplexity of ${row.model} inside the window is ${perplexityText(row.inside)}, ${amount} (${perplexityText(base.inside)}).`];
}
