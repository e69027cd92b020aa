/** Tables made from the rows of a results file; every report and picture is made from these. */
import type { ResultRow, Results } from "../protocol/results.js";
import { ascending } from "./lengths.js";
import { wilson, type Interval } from "./intervals.js";

export interface Accuracy {
  readonly hits: number;
  readonly trials: number;
  readonly share: number;
  /** Wilson interval, 95 %. */
  readonly interval: Interval;
}

/** Needle accuracy of one model. */
export interface NeedleRow {
  readonly model: string;
  readonly byLength: ReadonlyMap<number, Accuracy>;
  /** By length, then depth. */
  readonly byDepth: ReadonlyMap<number, ReadonlyMap<number, Accuracy>>;
  /** Mean accuracy over the lengths up to W, and over those beyond; null where there is none. */
  readonly inside: number | null;
  readonly beyond: number | null;
}

/** Perplexity of one model. */
export interface PerplexityRow {
  readonly model: string;
  /** By the end of the bin of positions. */
  readonly byBin: ReadonlyMap<number, { readonly perplexity: number; readonly tokens: number }>;
  /** Over all positions below W; null where nothing was measured. */
  readonly inside: number | null;
  /** Over all positions from W on. */
  readonly beyond: number | null;
}

export interface Summary {
  readonly run: string;
  readonly window: number;
  readonly targetLength: number;
  readonly lengths: readonly number[];
  readonly depths: readonly number[];
  readonly needle: readonly NeedleRow[];
  readonly bins: readonly number[];
  readonly perplexity: readonly PerplexityRow[];
}

const modelOrder = ["base", "rope", "extended", "merged"];

/** Models in the order of a report: base, rope, extended, merged, then others by name. */
export function orderedModels(rows: readonly Pick<ResultRow, "model">[]): string[] {
  const rank = (model: string): number => (modelOrder.includes(model) ? modelOrder.indexOf(model) : modelOrder.length);
  return [...new Set(rows.map(({ model }) => model))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en"));
}

export function summarize(results: Results): Summary {
  const needle = results.rows.filter(({ task }) => task === "needle");
  const perplexity = results.rows.filter(({ task }) => task === "perplexity");
  return {
    run: results.run,
    window: results.window,
    targetLength: results.targetLength,
    lengths: ascending(needle.map(({ length }) => length)),
    depths: ascending(needle.flatMap(({ depth }) => (depth === null ? [] : [depth]))),
    needle: orderedModels(needle).map((model) => needleRow(model, needle, results.window)),
    bins: ascending(perplexity.map(({ length }) => length)),
    perplexity: orderedModels(perplexity).map((model) => perplexityRow(model, perplexity, results.window)),
  };
}

function needleRow(model: string, all: readonly ResultRow[], window: number): NeedleRow {
  const rows = all.filter((row) => row.model === model);
  const byLength = new Map<number, Accuracy>();
  const byDepth = new Map<number, Map<number, Accuracy>>();
  for (const length of ascending(rows.map((row) => row.length))) {
    const here = rows.filter((row) => row.length === length);
    byLength.set(length, accuracy(here));
    const depths = new Map<number, Accuracy>();
    for (const depth of ascending(here.flatMap((row) => (row.depth === null ? [] : [row.depth])))) {
      depths.set(depth, accuracy(here.filter((row) => row.depth === depth)));
    }
    byDepth.set(length, depths);
  }
  const shares = (keep: (length: number) => boolean): number[] =>
    [...byLength].flatMap(([length, { share }]) => (keep(length) ? [share] : []));
  return {
    model,
    byLength,
    byDepth,
    inside: mean(shares((length) => length <= window)),
    beyond: mean(shares((length) => length > window)),
  };
}

function accuracy(rows: readonly ResultRow[]): Accuracy {
  const hits = rows.reduce((sum, { score }) => sum + score, 0);
  return { hits, trials: rows.length, share: rows.length === 0 ? 0 : hits / rows.length, interval: wilson(hits, rows.length) };
}

function perplexityRow(model: string, all: readonly ResultRow[], window: number): PerplexityRow {
  const rows = all.filter((row) => row.model === model);
  const byBin = new Map<number, { perplexity: number; tokens: number }>();
  for (const bin of ascending(rows.map(({ length }) => length))) {
    const here = rows.filter(({ length }) => length === bin);
    byBin.set(bin, { perplexity: pooledPerplexity(here) ?? Number.NaN, tokens: tokenCount(here) });
  }
  return {
    model,
    byBin,
    inside: pooledPerplexity(rows.filter(({ length }) => length <= window)),
    beyond: pooledPerplexity(rows.filter(({ length }) => length > window)),
  };
}

function tokenCount(rows: readonly ResultRow[]): number {
  return rows.reduce((sum, { tokens = 0 }) => sum + tokens, 0);
}

/** exp of the mean negative log-likelihood over all tokens of the rows. */
function pooledPerplexity(rows: readonly ResultRow[]): number | null {
  const tokens = tokenCount(rows);
  return tokens === 0 ? null : Math.exp(rows.reduce((sum, { score, tokens: count = 0 }) => sum + score * count, 0) / tokens);
}

/**
 * Mean accuracy over the lengths beyond W at which the base retrieves at most `failing` of its needles: what an
 * extension is for. Null where the base fails at none of them.
 */
export function mended(summary: Summary, model: string, failing = 0.4): number | null {
  const base = summary.needle.find((row) => row.model === "base");
  const row = summary.needle.find((candidate) => candidate.model === model);
  if (base === undefined || row === undefined) return null;
  const shares: number[] = [];
  for (const [length, { share }] of row.byLength) {
    if (length > summary.window && (base.byLength.get(length)?.share ?? 1) <= failing) shares.push(share);
  }
  return mean(shares);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
