/** From the runs of a study to its rows: one a model and combination of changes, with means over seeds. */
import type { Estimate, StudyCell, StudyRow } from "../protocol/studyResults.js";
import { estimate } from "./statistics.js";

type Measures = Readonly<Record<string, number>>;
/** What one seed says of a row. */
type BySeed = ReadonlyMap<number, Measures>;

interface Named {
  readonly row: string;
  readonly model: string;
  /** Row of the study that a shared model's row belongs to, where runs differ in that model. */
  readonly of?: string;
  readonly bySeed: BySeed;
}

/** Models that no run of a study changes, as rows are called. */
const shared = { base: "base", rope: "rotary scaling alone" } as const;

/**
 * @param models which models of each run are rows; the base and rotary scaling alone come first, once where they are the
 *   same in all runs
 * @param reference row against which differences are told
 */
export function studyRows(cells: readonly StudyCell[], models: readonly string[], reference: string | null): StudyRow[] {
  const done = cells.filter(({ status }) => status === "done");
  const named = [
    ...Object.entries(shared).flatMap(([model, row]) => sharedRows(done, model, row)),
    ...[...new Set(done.map(({ row }) => row))].flatMap((row) =>
      models.map((model) => ({
        row,
        model,
        bySeed: bySeed(
          done.filter((cell) => cell.row === row),
          model,
          true,
        ),
      })),
    ),
  ].filter(({ bySeed: found }) => found.size > 0);
  return named.map((one) => {
    const other = referenceOf(one, named, reference);
    return {
      row: one.row,
      model: one.model,
      seeds: [...one.bySeed.keys()],
      estimates: estimates(one.bySeed),
      differences: other === one ? {} : differences(one.bySeed, other?.bySeed),
    };
  });
}

/** What a row is compared with: the reference row's same model, else that row; where a model is named, that model of the same row. */
function referenceOf(one: Named, named: readonly Named[], reference: string | null): Named | undefined {
  const rows = named.filter(({ row }) => row === reference);
  return (
    rows.find(({ model }) => model === one.model) ??
    rows[0] ??
    named.find(({ row, model, of = row }) => model === reference && of === (one.of ?? one.row)) ??
    named.find(({ model }) => model === reference)
  );
}

/** One row where all runs of a seed say the same, else one a row of the study. */
function sharedRows(done: readonly StudyCell[], model: string, row: string): Named[] {
  const rows = [...new Set(done.map((cell) => cell.row))].map((name) => ({
    row: name,
    model,
    bySeed: bySeed(
      done.filter((cell) => cell.row === name),
      model,
      false,
    ),
  }));
  const said = new Map<number, Set<string>>();
  for (const { bySeed: found } of rows) {
    for (const [seed, measures] of found) said.set(seed, (said.get(seed) ?? new Set()).add(JSON.stringify(measures)));
  }
  if ([...said.values()].some((different) => different.size > 1))
    return rows.map((each) => ({ ...each, row: `${row}, ${each.row}`, of: each.row }));
  return [{ row, model, bySeed: new Map(rows.flatMap(({ bySeed: found }) => [...found])) }];
}

/** Numbers of a model by seed; of trained models also what they cost. */
function bySeed(cells: readonly StudyCell[], model: string, costs: boolean): Map<number, Measures> {
  const found = new Map<number, Measures>();
  for (const { seed, models, cost } of cells) {
    const measures = models?.[model];
    if (measures === undefined) continue;
    const spent: Record<string, number> = {};
    if (costs) for (const [name, value] of Object.entries(cost ?? {})) if (value !== null) spent[`cost.${name}`] = value;
    found.set(seed, { ...measures, ...spent });
  }
  return found;
}

function estimates(found: BySeed): Record<string, Estimate> {
  const names = new Set([...found.values()].flatMap((measures) => Object.keys(measures)));
  return Object.fromEntries(
    [...names].map((name) => [name, estimate([...found.values()].flatMap((measures) => measures[name] ?? []))] as const),
  );
}

/** Estimates of the difference of two rows, seed by seed; empty where there is nothing to compare. */
function differences(found: BySeed, reference: BySeed | undefined): Record<string, Estimate> {
  if (reference === undefined) return {};
  const pairs = new Map<string, number[]>();
  for (const [seed, measures] of found) {
    for (const [name, value] of Object.entries(measures)) {
      const other = reference.get(seed)?.[name];
      if (other !== undefined) pairs.set(name, [...(pairs.get(name) ?? []), value - other]);
    }
  }
  return Object.fromEntries([...pairs].map(([name, values]) => [name, estimate(values)] as const));
}
