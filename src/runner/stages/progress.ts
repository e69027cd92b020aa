/** Progress of long loops in TypeScript: events now and then, and a look at pause and stop. */
import type { StageContext } from "../stage.js";

const interval = 500;

/** @returns a function to call for each piece of work done; it speaks at most twice a second. */
export function progressReporter(context: Pick<StageContext, "emit" | "checkpoint">, total: number, unit: string, label?: string) {
  let last = performance.now();
  return (done: number): void => {
    const now = performance.now();
    if (now - last < interval) return;
    last = now;
    context.checkpoint();
    context.emit({ kind: "progress", done, total, unit, ...(label === undefined ? {} : { label }) });
  };
}
