/** Prompt lengths and position bins, by doubling from inside the original window to the target length. */
import type { NeedleSettings } from "../protocol/recipe.js";

/** W/4, W/2, W, 2W, ... below T, and T itself; ascending, without doubles. */
export function doublingLengths(window: number, target: number): number[] {
  const lengths = new Set<number>();
  for (let length = window / 4; length < target; length *= 2) if (length >= 1) lengths.add(Math.floor(length));
  lengths.add(target);
  return [...lengths].sort((a, b) => a - b);
}

/** Prompt lengths of the needle grid: the recipe's, else by doubling. */
export function needleLengths(settings: Pick<NeedleSettings, "lengths">, window: number, target: number): number[] {
  return settings.lengths === undefined ? doublingLengths(window, target) : [...new Set(settings.lengths)].sort((a, b) => a - b);
}
