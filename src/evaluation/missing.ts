/** What of an evaluation is missing. */
import type { Missing } from "../protocol/results.js";

/** Prompts that stay missing of a model's task; at any length where none is given. */
export function missingOf(missing: readonly Missing[], model: string, task: string, length: number | null): number {
  return missing
    .filter((one) => one.task === task && (one.model === null || one.model === model))
    .filter((one) => length === null || one.length === null || one.length === length)
    .reduce((sum, { count }) => sum + count, 0);
}
