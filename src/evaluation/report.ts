/** What a report is made from, and the tables that its Markdown and HTML forms share. */
import { perplexityText, percent, tokensText } from "./format.js";
import type { Diagnosis } from "../protocol/events.js";
import type { Summary } from "./summary.js";

/** Loss of one training stage by optimizer step. */
export interface LossSeries {
  readonly stage: string;
  readonly step: readonly number[];
  readonly loss: readonly number[];
}

export interface ReportInput {
  readonly summary: Summary;
  /** The model that was extended. */
  readonly model: string;
  readonly losses: readonly LossSeries[];
  /** Signs that the method does not hold here, with what to change. */
  readonly diagnoses: readonly Diagnosis[];
}

/** A table as text cells; the first column names the row. */
export interface TextTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note: string;
}

/** Needle accuracy by model and length, with 95 % intervals. */
export function needleTable(summary: Summary): TextTable {
  const { lengths, needle, window } = summary;
  return {
    title: "Needle in a haystack",
    head: ["model", ...lengths.map((length) => `${tokensText(length)}${length > window ? " *" : ""}`), "up to W", "beyond W"],
    rows: needle.map(({ model, byLength, inside, beyond }) => [
      model,
      ...lengths.map((length) => {
        const cell = byLength.get(length);
        if (cell === undefined) return "–";
        return `${percent(cell.share)} (${(cell.interval.low * 100).toFixed(0)}–${(cell.interval.high * 100).toFixed(0)})`;
      }),
      inside === null ? "–" : percent(inside),
      beyond === null ? "–" : percent(beyond),
    ]),
    note: `Share of needles retrieved by prompt length in tokens, with 95 % Wilson intervals. * beyond the original window of W = ${tokensText(window)}. The last two columns are means over lengths.`,
  };
}

/** Perplexity by model and bin of positions. */
export function perplexityTable(summary: Summary): TextTable {
  const { bins, perplexity, window } = summary;
  return {
    title: "Perplexity by position",
    head: ["model", ...bins.map((end) => `to ${tokensText(end)}${end > window ? " *" : ""}`), "up to W", "beyond W"],
    rows: perplexity.map(({ model, byBin, inside, beyond }) => [
      model,
      ...bins.map((end) => {
        const cell = byBin.get(end);
        return cell === undefined ? "–" : perplexityText(cell.perplexity);
      }),
      inside === null ? "–" : perplexityText(inside),
      beyond === null ? "–" : perplexityText(beyond),
    ]),
    note: `Perplexity of held-out documents at the positions from one bin's end to the next. * beyond the original window of W = ${tokensText(window)}.`,
  };
}

/** The tables that have a row. */
export function reportTables(summary: Summary): TextTable[] {
  return [needleTable(summary), perplexityTable(summary)].filter(({ rows }) => rows.length > 0);
}
