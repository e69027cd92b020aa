/**
 * Coverage: how often each relative distance p_j - p_i (i < j) occurs among the tokens of training samples, against
 * every distance in [1, T) equally often. Attention is causal, so these pairs are what a sample can train.
 *
 * Exact, without looking at single pairs: with C(x) the number of positions below x, the pairs of a token at p whose
 * distance lies in [e, f) are C(p + f) - C(p + e). Over a run of consecutive positions these add up to differences of
 * the running sum of C, so a sample costs O(T + runs * bins).
 */
import type { DistanceCoverage } from "../protocol/coverage.js";

/** Bins of equal width over [1, T), at most `bins`: bin k holds the distances [edges[k], edges[k + 1]). */
export function distanceEdges(targetLength: number, bins = 64): number[] {
  const distances = Math.max(1, targetLength - 1);
  const count = Math.min(bins, distances);
  return Array.from({ length: count + 1 }, (_, edge) => 1 + Math.round((edge * distances) / count));
}

/** Counts the pairs of many samples. */
export class CoverageCounter {
  samples = 0;
  tokens = 0;
  /** Pairs with a distance in [0, edge) for each edge; a token with itself, at 0, falls out of every difference. */
  private readonly below: Float64Array;
  /** sums[x]: sum of C(y) over y < x; up to (T + 1) * L, exact in a double. */
  private readonly sums: Float64Array;

  constructor(
    readonly targetLength: number,
    readonly edges: readonly number[] = distanceEdges(targetLength),
  ) {
    this.below = new Float64Array(edges.length);
    this.sums = new Float64Array(targetLength + 2);
  }

  /** @param positions position of each token of one sample, strictly increasing, in [0, T) */
  add(positions: Int32Array): void {
    const tokens = positions.length;
    this.samples++;
    this.tokens += tokens;
    if (tokens < 2) return;
    const { sums, edges, below } = this;
    const end = (positions[tokens - 1] ?? 0) + 1;
    for (let x = 0, found = 0; x <= end; x++) {
      sums[x + 1] = (sums[x] ?? 0) + found;
      if (positions[found] === x) found++;
    }
    for (let first = 0; first < tokens;) {
      const start = positions[first] ?? 0;
      let length = 1;
      while (first + length < tokens && positions[first + length] === start + length) length++;
      first += length;
      for (let edge = 0; edge < edges.length; edge++) {
        const from = start + (edges[edge] ?? 0);
        below[edge] = (below[edge] ?? 0) + this.sum(from + length, end, tokens) - this.sum(from, end, tokens);
      }
    }
  }

  /** Sum of C(y) over y < x; beyond the last position C is the number of tokens. */
  private sum(x: number, end: number, tokens: number): number {
    return x <= end + 1 ? (this.sums[x] ?? 0) : (this.sums[end + 1] ?? 0) + (x - end - 1) * tokens;
  }

  /** Pairs in each bin, exact. */
  pairs(): Float64Array {
    return Float64Array.from({ length: this.edges.length - 1 }, (_, bin) => (this.below[bin + 1] ?? 0) - (this.below[bin] ?? 0));
  }

  /** The histogram against the uniform one. */
  result(strategy: DistanceCoverage["strategy"], source: DistanceCoverage["source"]): DistanceCoverage {
    const { targetLength, edges, samples, tokens } = this;
    const counts = this.pairs();
    const pairs = counts.reduce((sum, count) => sum + count, 0);
    const trained = Array.from(counts, (count) => (pairs === 0 ? 0 : count / pairs));
    const width = (edges.at(-1) ?? 0) - (edges[0] ?? 0);
    const uniform = trained.map((_, bin) => ((edges[bin + 1] ?? 0) - (edges[bin] ?? 0)) / width);
    return {
      strategy,
      source,
      targetLength,
      samples,
      tokens,
      pairs,
      edges: [...edges],
      trained,
      uniform,
      emptyBins: counts.filter((count) => count === 0).length,
      totalVariation: trained.reduce((sum, share, bin) => sum + Math.abs(share - (uniform[bin] ?? 0)), 0) / 2,
    };
  }
}
