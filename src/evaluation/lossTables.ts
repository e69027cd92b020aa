/** The report's tables of losses by distance, of the contrast, of changes against the base, and of what is missing. */
import type { ResultRow, Results } from "../protocol/results.js";
import { abilityChanges } from "./changes.js";
import { gainThreshold } from "./contrast.js";
import { percent, perplexityText, tokensText } from "./format.js";
import { ascending } from "./lengths.js";
import { meanScore, measureOf, valueOf } from "./measures.js";
import type { TextTable } from "./report.js";
import { orderedModels } from "./summary.js";

/** Losses beyond perplexity by position, where they were measured. */
export function lossTables({ rows }: Results): TextTable[] {
  return [distanceTable(rows), contrastTable(rows)].filter((table) => table.rows.length > 0);
}

function distanceTable(rows: readonly ResultRow[]): TextTable {
  const own = rows.filter(({ task }) => task === "loss-by-distance");
  const first = rows.filter(({ task }) => task === "loss-by-distance/first");
  const distances = lengthsOf(own);
  return {
    title: "Loss by distance",
    head: ["model", ...distances.map((end) => `to ${tokensText(end)}`), "first occurrence"],
    rows: orderedModels(own).map((model) => [
      model,
      ...distances.map((end) => nats(own.filter((row) => row.model === model && row.length === end))),
      nats(first.filter((row) => row.model === model)),
    ]),
    note: "Mean loss of held-out tokens in nats by how many tokens back the same token last stood; each bin reaches from the one before it to its end. First occurrence: the token did not stand in the document before.",
  };
}

function contrastTable(rows: readonly ResultRow[]): TextTable {
  const own = rows.filter(({ task }) => task === "contrast");
  const ends = lengthsOf(own);
  const of = (task: string, model: string): ResultRow[] => rows.filter((row) => row.task === task && row.model === model);
  return {
    title: "What distant context gains",
    head: ["model", ...ends.map((end) => `to ${tokensText(end)}`), "all", "tokens that gain", "perplexity of key tokens"],
    rows: orderedModels(own).map((model) => {
      const gaining = meanScore(of("contrast/gaining", model));
      const keys = meanScore(of("contrast/key-tokens", model));
      return [
        model,
        ...ends.map((end) => nats(own.filter((row) => row.model === model && row.length === end))),
        nats(own.filter((row) => row.model === model)),
        gaining === null ? "–" : percent(gaining, { digits: 1 }),
        keys === null ? "–" : perplexityText(valueOf(measureOf("contrast/key-tokens"), keys)),
      ];
    }),
    note: `Nats per token by which the loss falls when a token sees all that stands before it and not the near part alone, by position. Tokens that gain: more than ${gainThreshold} nats. Key tokens, after LongPPL (arXiv 2410.23771): those that distant context makes at least e² times as likely for the model that gains most, whose own value is the lower for it.`,
  };
}

function lengthsOf(rows: readonly ResultRow[]): number[] {
  return ascending(rows.map(({ length }) => length));
}

function nats(rows: readonly ResultRow[]): string {
  const mean = meanScore(rows);
  return mean === null ? "–" : mean.toFixed(3);
}

/** Changes against the base, paired. */
export function changesTable(results: Results): TextTable {
  const changes = abilityChanges(results);
  return {
    title: "Against the base, inside the window",
    head: ["model", "ability", "change", "95 % interval", "pairs", ""],
    rows: changes.map(({ model, ability, change, pairs, verdict, holds }) => {
      const text = (value: number): string => percent(ability === "perplexity" ? value - 1 : value, { digits: 1, signed: true });
      const told = verdict === "same" ? "no sure change" : holds ? verdict : `${verdict}, by itself`;
      return [model, ability, text(change.value), `${text(change.low)} to ${text(change.high)}`, String(pairs), told];
    }),
    note: `On the same prompts and documents: Newcombe's interval where answers are right or wrong, else a bootstrap over prompts (BCa); perplexity by Student's t over documents. ${changes.length} comparisons: about one in twenty looks sure by chance alone. "By itself": the interval excludes no change, but Holm's procedure over all ${changes.length} does not.`,
    words: true,
  };
}

/** What was to be measured and was not. */
export function missingTable({ missing = [] }: Results): TextTable {
  return {
    title: "Not complete",
    head: ["task", "model", "length", "missing", "why"],
    rows: missing.map(({ task, model, length, count, reason }) => [
      task,
      model ?? "every model",
      length === null ? "any" : tokensText(length),
      count.toLocaleString("en-US"),
      reason,
    ]),
    note: "Scores of these are partial, and are not those of the whole benchmark.",
    words: true,
  };
}
