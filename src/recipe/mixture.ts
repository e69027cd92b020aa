/** Mixing sources by weight. */

/** Which source each document of a corpus belongs to, and how much of the samples each source gives. */
export interface Mixture {
  /** Weight of each source, relative to the others. */
  readonly weights: readonly number[];
  /** Source of the document at `index`. */
  sourceOf(index: number): number;
  /** Key path of a source in the recipe, for messages. */
  key(source: number): string;
}

/**
 * Which source each of `count` samples comes from: always the one that is furthest behind its share, so that after any
 * number of samples a source's count is off its share by less than the number of sources.
 */
export function schedule(weights: readonly number[], count: number): Uint16Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const taken = weights.map(() => 0);
  const order = new Uint16Array(count);
  for (let sample = 0; sample < count; sample++) {
    let behind = 0;
    let most = -Infinity;
    for (let source = 0; source < weights.length; source++) {
      const lag = ((weights[source] ?? 0) / total) * (sample + 1) - (taken[source] ?? 0);
      if (lag > most) {
        most = lag;
        behind = source;
      }
    }
    taken[behind] = (taken[behind] ?? 0) + 1;
    order[sample] = behind;
  }
  return order;
}

/** Takes from `make(source, number of samples)` by the schedule. */
export function* mixed<S>(weights: readonly number[], count: number, make: (source: number, samples: number) => Iterator<S>): Generator<S> {
  const order = schedule(weights, count);
  const totals = weights.map(() => 0);
  for (const source of order) totals[source] = (totals[source] ?? 0) + 1;
  const iterators = totals.map((samples, source) => make(source, samples));
  for (const source of order) {
    const next = iterators[source]?.next();
    if (next === undefined || next.done === true) return;
    yield next.value;
  }
}
