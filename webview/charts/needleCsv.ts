/** Needle grids as comma-separated values, one line a cell. */
import { wilson, type NeedleGrid } from "./needleData.js";

/**
 * Columns: picture, model, length, depth, value (share right, or the difference that is shown), trials, and for shares the ends of
 * their 95 % interval.
 */
export function needleCsv(grids: readonly { readonly grid: NeedleGrid; readonly title: string }[]): string {
  const lines = [["picture", "model", "length", "depth", "value", "trials", "low", "high"].join(",")];
  for (const { grid, title } of grids) {
    for (const cell of grid.cells.flat()) {
      if (cell === null) continue;
      const n = cell.trials.length;
      const share = cell.trials.reduce((sum, { score }) => sum + score, 0) / n;
      // A difference has no interval of its own here.
      const ends = Math.abs(share - cell.mean) < 1e-9 ? wilson(share, n) : null;
      const values = [cell.length, cell.depth, cell.mean, n, ends?.low ?? "", ends?.high ?? ""];
      lines.push([quoted(title), quoted(grid.model), ...values.map(String)].join(","));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Quoted where it must be (RFC 4180); a leading formula sign is defused for spreadsheets. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
