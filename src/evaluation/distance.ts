/** Loss by how far back a token last stood: what a model has to look up from how far. Needs no pass of its own. */

/** Sum of negative log-likelihoods, in nats. */
export interface LossSum {
  readonly tokens: number;
  readonly sum: number;
}

export interface DistanceLosses {
  /** By the end of the bin of distances: 1, 2, 4, 8, ...; a distance d lies in the bin that ends at the next power of two. */
  readonly byDistance: ReadonlyMap<number, LossSum>;
  /** Tokens that did not stand in the document before. */
  readonly first: LossSum;
}

/**
 * @param ids token ids of a document
 * @param logprob log-probability of each; NaN (the first token, and what was not scored) is left out
 */
export function lossByDistance(ids: Int32Array, logprob: Float32Array): DistanceLosses {
  const last = new Map<number, number>();
  const bins = new Map<number, { tokens: number; sum: number }>();
  const first = { tokens: 0, sum: 0 };
  ids.forEach((id, position) => {
    const before = last.get(id);
    last.set(id, position);
    const value = logprob[position] ?? Number.NaN;
    if (Number.isNaN(value)) return;
    const end = before === undefined ? null : distanceBin(position - before);
    const sum = end === null ? first : (bins.get(end) ?? { tokens: 0, sum: 0 });
    sum.tokens++;
    sum.sum -= value;
    if (end !== null) bins.set(end, sum);
  });
  return { byDistance: new Map([...bins].sort(([a], [b]) => a - b)), first };
}

/** End of the bin of a distance of at least 1: the next power of two. */
export function distanceBin(distance: number): number {
  let end = 1;
  while (end < distance) end *= 2;
  return end;
}
