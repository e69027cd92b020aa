/** One at a time: work that several runs of this process would do alike is done by the first, and found by the others. */

const busy = new Map<string, Promise<unknown>>();

/** Calls `work` once nobody else in this process is at work under the same key. */
export async function exclusive<T>(key: string, work: () => Promise<T>): Promise<T> {
  for (let before = busy.get(key); before !== undefined; before = busy.get(key)) await before.catch(() => undefined);
  const mine = work();
  busy.set(key, mine);
  try {
    return await mine;
  } finally {
    busy.delete(key);
  }
}
