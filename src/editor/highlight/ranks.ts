/** Ranks of scores: which score parts the top share of them from the rest. Bounded memory, whatever their number. */

/** Bins by the upper 18 bits of the ordered float: neighbours differ by one part in 512. */
const binBits = 18;
const dropBits = 32 - binBits;
const binCount = 1 << binBits;

const floatView = new Float32Array(1);
const bitView = new Uint32Array(floatView.buffer);

/** Shades of a highlight, from 1, the least impactful of the impactful tokens, to this. */
export const levels = 5;

/** How many scores there are of each size. */
export class ScoreDistribution {
  private readonly counts = new Float64Array(binCount);
  /** Scores in this bin and all above it; made when first asked for. */
  private above: Float64Array | null = null;
  private scored = 0;

  /** Scores that are numbers. */
  get total(): number {
    return this.scored;
  }

  /** Counts scores; NaN, which says that a token has none, is left out. */
  add(scores: Float32Array): void {
    const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
    const { counts } = this;
    let added = 0;
    for (let at = 0; at < bits.length; at++) {
      const raw = bits[at] ?? 0;
      if ((raw & 0x7fffffff) > 0x7f800000) continue;
      const bin = orderedKey(raw) >>> dropBits;
      counts[bin] = (counts[bin] ?? 0) + 1;
      added++;
    }
    this.scored += added;
    this.above = null;
  }

  /** Share of the scores that are at least as high, 0 to 1; within a bin, half of it. NaN where nothing is scored. */
  topShare(score: number): number {
    if (this.scored === 0 || Number.isNaN(score)) return Number.NaN;
    const bin = binOf(score);
    const above = this.suffix();
    return ((above[bin + 1] ?? 0) + (this.counts[bin] ?? 0) / 2) / this.scored;
  }

  /** The score from which on about `share` of the scores lie; Infinity where nothing is scored. */
  threshold(share: number): number {
    if (this.scored === 0) return Infinity;
    const wanted = share * this.scored;
    const above = this.suffix();
    // The highest bin with at least that many in and above it.
    let low = 0;
    let high = binCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((above[middle] ?? 0) >= wanted) low = middle;
      else high = middle - 1;
    }
    // Of the two borders of that bin the one that comes nearer.
    const excess = (above[low] ?? 0) - wanted;
    const lack = wanted - (above[low + 1] ?? 0);
    return lack < excess && (above[low + 1] ?? 0) > 0 ? edgeOf(low + 1) : edgeOf(low);
  }

  /** Counts in equal steps of score between two quantiles, outliers in the first and last step. */
  histogram(steps: number): { readonly from: number; readonly to: number; readonly counts: number[] } {
    const from = this.threshold(0.995);
    const to = this.threshold(0.005);
    const counts = new Array<number>(steps).fill(0);
    if (!(to > from)) return { from: 0, to: 1, counts };
    for (let bin = 0; bin < binCount; bin++) {
      const count = this.counts[bin] ?? 0;
      if (count === 0) continue;
      const step = Math.floor(((edgeOf(bin) - from) / (to - from)) * steps);
      const at = Math.min(steps - 1, Math.max(0, step));
      counts[at] = (counts[at] ?? 0) + count;
    }
    return { from, to, counts };
  }

  private suffix(): Float64Array {
    if (this.above !== null) return this.above;
    const above = new Float64Array(binCount + 1);
    for (let bin = binCount - 1; bin >= 0; bin--) above[bin] = (above[bin + 1] ?? 0) + (this.counts[bin] ?? 0);
    return (this.above = above);
  }
}

/**
 * The least score of each level, ascending: level 1 begins at the threshold of the top `share`, each further one at half
 * the share of the one before, so that the shade tells the rank.
 * @param exact the threshold of level 1 where it is known better than the distribution knows it
 */
export function levelScores(distribution: ScoreDistribution, share: number, exact: number | null = null): Float32Array {
  const scores = Float32Array.from({ length: levels }, (_, level) => distribution.threshold(share / 2 ** level));
  if (exact !== null) scores[0] = exact;
  for (let level = 1; level < levels; level++) scores[level] = Math.max(scores[level] ?? 0, scores[level - 1] ?? 0);
  return scores;
}

/** The level of a score, 0 where it is not impactful or NaN. */
export function levelOf(score: number, cutoffs: Float32Array): number {
  let level = 0;
  while (level < cutoffs.length && score >= (cutoffs[level] ?? Infinity)) level++;
  return level;
}

/** Order-preserving key of a float32; -0 equals 0. */
function orderedKey(raw: number): number {
  const bits = raw === 0x80000000 ? 0 : raw;
  return (bits & 0x80000000) !== 0 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}

function binOf(score: number): number {
  floatView[0] = score;
  return orderedKey(bitView[0] ?? 0) >>> dropBits;
}

/** The least score of a bin. */
function edgeOf(bin: number): number {
  const key = (bin << dropBits) >>> 0;
  bitView[0] = (key & 0x80000000) !== 0 ? (key & 0x7fffffff) >>> 0 : ~key >>> 0;
  return floatView[0] ?? Number.NaN;
}
