/**
 * Asking in rounds: a cell (the prompts of one task and length) is done once every model's score is known well enough.
 *
 * The interval is Wilson's with the sum of scores as hits. Scores lie between 0 and 1, so their variance is at most that
 * of a share with the same mean: the interval is never too narrow for graded scores.
 */
import { wilson } from "./intervals.js";

export interface StopEarly {
  readonly halfWidth: number;
  readonly atLeast: number;
}

/** The prompts of one task and length, in the order in which they are asked: any first part of it is a fair sample. */
export type RoundCell = readonly number[];

/** Half the width of the 95 % interval of a mean score. */
export function halfWidth(sum: number, count: number): number {
  const { low, high } = wilson(sum, count);
  return (high - low) / 2;
}

/**
 * What to ask next: first `atLeast` prompts of every cell, then of each cell that is not known well enough as many more as
 * the interval needs if the scores stay as they are, at least half as many again (each round starts the models anew).
 * @param asked prompts that were asked before
 * @param scores for each model its scores by prompt; prompts without an answer have none
 * @returns prompts in ascending order; none when all is known
 */
export function nextRound(
  cells: readonly RoundCell[],
  asked: ReadonlySet<number>,
  scores: readonly ReadonlyMap<number, number>[],
  settings: StopEarly,
): number[] {
  const next = cells.flatMap((cell) => {
    const done = cell.filter((prompt) => asked.has(prompt));
    if (done.length === 0) return cell.slice(0, settings.atLeast);
    const more = Math.max(0, ...scores.map((byPrompt) => stillNeeded(done, byPrompt, settings)));
    if (more === 0) return [];
    return cell.filter((prompt) => !asked.has(prompt)).slice(0, Math.max(more, Math.ceil(done.length / 2)));
  });
  return next.sort((a, b) => a - b);
}

/** Further prompts after which one model's interval would be narrow enough; 0 where it is. */
function stillNeeded(done: readonly number[], byPrompt: ReadonlyMap<number, number>, settings: StopEarly): number {
  const known = done.flatMap((prompt) => byPrompt.get(prompt) ?? []);
  // A model that answers none of them will answer none of the others.
  if (known.length === 0) return 0;
  const share = known.reduce((sum, score) => sum + score, 0) / known.length;
  let count = known.length;
  while (halfWidth(share * count, count) > settings.halfWidth) count++;
  return count - known.length;
}

/** Cells of prompts by task and length, each with its trials one after the other over all depths. */
export function roundCells(prompts: readonly { readonly task: string; readonly length: number; readonly trial: number }[]): number[][] {
  const cells = new Map<string, number[]>();
  prompts.forEach(({ task, length }, prompt) => {
    const key = `${task} ${String(length)}`;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, [prompt]);
    else cell.push(prompt);
  });
  // Sorting is stable: within a trial the prompts keep their order.
  return [...cells.values()].map((cell) => cell.sort((a, b) => (prompts[a]?.trial ?? 0) - (prompts[b]?.trial ?? 0)));
}
