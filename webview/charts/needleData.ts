/** From result rows to what the pictures show: means by length and depth, accuracy by length, perplexity by length. */
import { group } from "../d3.js";
import type { ResultRow, Results } from "../../src/protocol/results.js";

export interface NeedleCell {
  readonly length: number;
  /** 0 to 1. */
  readonly depth: number;
  /** Mean score of the trials, 0 to 1. */
  readonly mean: number;
  readonly trials: readonly ResultRow[];
}

export interface NeedleGrid {
  readonly model: string;
  readonly lengths: readonly number[];
  readonly depths: readonly number[];
  /** `cells[depth][length]`, by index; null where nothing was tried. */
  readonly cells: readonly (readonly (NeedleCell | null)[])[];
}

export interface AccuracyPoint {
  readonly length: number;
  readonly mean: number;
  /** Wilson score interval, 95 %. */
  readonly low: number;
  readonly high: number;
  readonly trials: number;
}

export interface AccuracyLine {
  readonly model: string;
  readonly points: readonly AccuracyPoint[];
}

export interface PerplexityRow {
  readonly model: string;
  /** By end of the bin of positions, in the order of `bins`; NaN where it was not measured. */
  readonly values: readonly number[];
  /** Over all bins that end inside W, and all that end beyond it; NaN where there are none. */
  readonly inside: number;
  readonly beyond: number;
}

const order = ["base", "rope", "extended", "merged"];
/** More distinct depths than this are taken together by tenths: they were drawn at random, not laid out as a grid. */
const mostDepths = 12;

/** Retrieval tasks of these results: those whose rows have a depth. */
export function needleTasks(results: Results): string[] {
  return [...new Set(results.rows.filter((row) => row.depth !== null).map((row) => row.task))];
}

/** One grid a model, all over the same lengths and depths; the models in the order in which the method makes them. */
export function needleGrids(results: Results, task: string): NeedleGrid[] {
  const rows = results.rows.filter((row) => row.task === task && row.depth !== null);
  const distinct = ascending(rows.map((row) => row.depth ?? 0));
  const place = (row: ResultRow): number => (distinct.length > mostDepths ? Math.round((row.depth ?? 0) * 10) / 10 : (row.depth ?? 0));
  const depths = ascending(rows.map(place));
  const lengths = ascending(rows.map((row) => row.length));
  return models(rows).map((model) => {
    const own = group(
      rows.filter((row) => row.model === model),
      place,
      (row) => row.length,
    );
    const cell = (depth: number, length: number): NeedleCell | null => {
      const trials = own.get(depth)?.get(length);
      return trials === undefined ? null : { length, depth, trials, mean: mean(trials.map((row) => row.score)) };
    };
    return { model, lengths, depths, cells: depths.map((depth) => lengths.map((length) => cell(depth, length))) };
  });
}

/** How much more a model finds than `base`, cell by cell, -1 to 1; cells that only one of them has are empty. The trials are the model's. */
export function differenceGrid(grid: NeedleGrid, base: NeedleGrid): NeedleGrid {
  const cells = grid.cells.map((row, depth) =>
    row.map((cell, length) => {
      const other = base.cells[depth]?.[length] ?? null;
      return cell === null || other === null ? null : { ...cell, mean: cell.mean - other.mean };
    }),
  );
  return { ...grid, cells };
}

/** Share right by prompt length, over all depths and trials of a task. */
export function accuracyByLength(results: Results, task: string): AccuracyLine[] {
  const rows = results.rows.filter((row) => row.task === task && row.depth !== null);
  return models(rows).map((model) => {
    const own = rows.filter((row) => row.model === model);
    const points = ascending(own.map((row) => row.length)).map((length) => {
      const scores = own.filter((row) => row.length === length).map((row) => row.score);
      return { length, mean: mean(scores), trials: scores.length, ...wilson(mean(scores), scores.length) };
    });
    return { model, points };
  });
}

/** Perplexity = exp of the mean negative log-likelihood, weighted by tokens where their number is known. */
export function perplexities(results: Results): { readonly bins: readonly number[]; readonly rows: readonly PerplexityRow[] } {
  const rows = results.rows.filter((row) => row.task === "perplexity");
  const bins = ascending(rows.map((row) => row.length));
  const table = models(rows).map((model) => {
    const own = rows.filter((row) => row.model === model);
    return {
      model,
      values: bins.map((bin) => perplexity(own.filter((row) => row.length === bin))),
      inside: perplexity(own.filter((row) => row.length <= results.window)),
      beyond: perplexity(own.filter((row) => row.length > results.window)),
    };
  });
  return { bins, rows: table };
}

/** Wilson score interval of a share over n trials, 95 %: right at 0 and 1 too, where the normal one has no width. */
export function wilson(share: number, n: number): { low: number; high: number } {
  if (n === 0) return { low: 0, high: 1 };
  const z2 = 1.96 ** 2;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (1.96 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

function perplexity(rows: readonly ResultRow[]): number {
  let sum = 0;
  let weight = 0;
  for (const row of rows) {
    sum += row.score * (row.tokens ?? 1);
    weight += row.tokens ?? 1;
  }
  return weight === 0 ? NaN : Math.exp(sum / weight);
}

function models(rows: readonly ResultRow[]): string[] {
  const rank = (model: string): number => (order.includes(model) ? order.indexOf(model) : order.length);
  return [...new Set(rows.map((row) => row.model))].sort((a, b) => rank(a) - rank(b));
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
