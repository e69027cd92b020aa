/** Benchmarks of many small tasks as grids, a line a task: LongBench, LooGLE, general ability. */
import type { ScoreCell, ScoreGrid, ScoreGridRow } from "../protocol/evaluationView.js";
import type { Results } from "../protocol/results.js";
import { furtherMissing, furtherTasks } from "./furtherScores.js";
import { wilson } from "./intervals.js";
import { missingOf } from "./missing.js";
import { orderedModels } from "./summary.js";

const families = ["longbench", "longbench-v2", "loogle"] as const;

interface Scored {
  readonly model: string;
  readonly score: number;
}

/** One grid for each family that was measured, in a fixed order; general ability comes last. */
export function scoreGrids(results: Results): ScoreGrid[] {
  return [...families.map((family) => familyGrid(family, results)), abilityGrid(results)].filter((grid) => grid !== null);
}

/** A line a data set, over all its lengths, and their mean. */
function familyGrid(family: (typeof families)[number], results: Results): ScoreGrid | null {
  const rows = results.rows.filter(({ task }) => task.startsWith(`${family}/`));
  if (rows.length === 0) return null;
  const models = orderedModels(rows);
  const tasks = [...new Set(rows.map(({ task }) => task))].sort((a, b) => a.localeCompare(b, "en"));
  const lines = tasks.map((task) =>
    line(
      { name: task.slice(family.length + 1), level: 1 },
      models,
      rows.filter((row) => row.task === task),
      (model) => missingOf(results.missing ?? [], model, task, null),
    ),
  );
  const further = furtherTasks(rows).map((one) =>
    line({ name: `${one.task.slice(family.length + 1)}: ${one.label}`, level: 1 }, models, one.rows, (model) =>
      furtherMissing(results.missing ?? [], one, model),
    ),
  );
  // Further scores of the same answers are no further data sets: the mean is without them.
  return { family, models, rows: [...(lines.length > 1 ? [meanLine(lines, models)] : []), ...lines, ...further] };
}

/** A line a group over all its documents, then one for each of its tasks. */
function abilityGrid(results: Results): ScoreGrid | null {
  const rows = results.abilities ?? [];
  if (rows.length === 0) return null;
  const models = orderedModels(rows);
  const lines = new Map<string, { name: string; level: 0 | 1; tasks: Set<string>; rows: typeof rows }>();
  const add = (key: readonly string[], name: string, level: 0 | 1, row: (typeof rows)[number]): void => {
    const known = lines.get(JSON.stringify(key)) ?? { name, level, tasks: new Set<string>(), rows: [] };
    known.tasks.add(row.task);
    known.rows.push(row);
    lines.set(JSON.stringify(key), known);
  };
  for (const row of rows) {
    const { group, metric, task } = row;
    if (group !== undefined) add([group, metric, ""], `${group} (${metric})`, 0, row);
    add([group ?? task, metric, task], `${task} (${metric})`, group === undefined ? 0 : 1, row);
  }
  const ordered = [...lines].sort(([a], [b]) => a.localeCompare(b, "en")).map(([, found]) => found);
  return {
    family: "ability",
    models,
    rows: ordered.map(({ name, level, tasks, rows: own }) =>
      line({ name, level }, models, own, (model) =>
        [...tasks].reduce((sum, task) => sum + missingOf(results.missing ?? [], model, task, null), 0),
      ),
    ),
  };
}

function line(
  { name, level }: Pick<ScoreGridRow, "name" | "level">,
  models: readonly string[],
  rows: readonly Scored[],
  missingFor: (model: string) => number,
): ScoreGridRow {
  return {
    name,
    level,
    cells: models.map((model) => {
      const cell = pooled(rows.filter((row) => row.model === model));
      return cell === null ? null : { ...cell, missing: missingFor(model) };
    }),
  };
}

function pooled(rows: readonly Scored[]): ScoreCell | null {
  if (rows.length === 0) return null;
  const hits = rows.reduce((sum, { score }) => sum + score, 0);
  return { value: hits / rows.length, ...wilson(Math.min(Math.max(hits, 0), rows.length), rows.length), count: rows.length };
}

/** Every data set counts alike, as the benchmarks' own averages have it. The interval takes them as independent. */
function meanLine(lines: readonly ScoreGridRow[], models: readonly string[]): ScoreGridRow {
  return {
    name: null,
    level: 0,
    cells: models.map((_, place) => {
      const cells = lines.map(({ cells: own }) => own[place] ?? null);
      const known = cells.filter((cell) => cell !== null);
      if (known.length === 0) return null;
      const value = known.reduce((sum, cell) => sum + cell.value, 0) / known.length;
      const half = (side: "low" | "high"): number =>
        Math.sqrt(known.reduce((sum, cell) => sum + (cell[side] - cell.value) ** 2, 0)) / known.length;
      // A mean over some of the data sets is none of all of them.
      const missing = known.reduce((sum, cell) => sum + cell.missing, 0) + (lines.length - known.length);
      const count = known.reduce((sum, cell) => sum + cell.count, 0);
      return { value, low: value - half("low"), high: value + half("high"), count, missing };
    }),
  };
}
