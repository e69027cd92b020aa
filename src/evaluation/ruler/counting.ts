/** Token counts as a dialogue: a computation yields texts and gets their token counts, so that many can be counted at once. */

export type Counting<T> = Generator<readonly string[], T, readonly number[]>;

/** Runs a computation with counts at hand. */
export function countedBy<T>(computation: Counting<T>, count: (texts: readonly string[]) => readonly number[]): T {
  let step = computation.next();
  while (!step.done) step = computation.next(count(step.value));
  return step.value;
}

/** The same, where counts have to be waited for; all computations go on together, so that each round is counted at once. */
export async function countTogether<T>(
  computations: readonly Counting<T>[],
  count: (texts: readonly string[]) => Promise<readonly number[]>,
): Promise<T[]> {
  const results = new Map<number, T>();
  let open = computations.map((computation, place) => ({ place, computation, step: computation.next() }));
  for (;;) {
    for (const { place, step } of open) if (step.done) results.set(place, step.value);
    const asked = open.flatMap((one) => (one.step.done ? [] : [{ ...one, texts: one.step.value }]));
    if (asked.length === 0) return computations.map((_, place) => results.get(place) as T);
    const counts = await count(asked.flatMap(({ texts }) => texts));
    let done = 0;
    open = asked.map(({ place, computation, texts }) => {
      const own = counts.slice(done, (done += texts.length));
      return { place, computation, step: computation.next(own) };
    });
  }
}
