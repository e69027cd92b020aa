/** Prompt lengths and position bins, by doubling from inside the original window to the target length. */
import type { NeedleSettings } from "../protocol/recipe.js";

/** W/4, W/2, W, 2W, ... below T, and T itself; ascending, without doubles. */
export function doublingLengths(window: number, target: number): number[] {
  const lengths = new Set<number>();
  for (let length = window / 4; length < target; length *= 2) if (length >= 1) lengths.add(Math.floor(length));
  lengths.add(target);
  return ascending(lengths);
}

/** Prompt lengths of the needle grid: the recipe's, else by doubling. */
export function needleLengths(settings: Pick<NeedleSettings, "lengths">, window: number, target: number): number[] {
  return settings.lengths === undefined ? doublingLengths(window, target) : ascending(settings.lengths);
}

/** Each value once, the smallest first. */
export function ascending(values: Iterable<number>): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
