/** Works on a list, several items at once, in order. */

/** @param stopped asked before each item; what was begun is finished */
export async function inPool<T>(
  items: readonly T[],
  workers: number,
  stopped: () => boolean,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: Math.min(workers, items.length) }, async () => {
      // One iterator for all: each takes the next.
      for (const item of queue) {
        if (stopped()) return;
        await work(item);
      }
    }),
  );
}
