/** The exact score that parts the top share of a stream of scores from the rest, in memory that does not grow with it. */

/** The threshold, and what it parts. */
export interface Threshold {
  /** Tokens with a score of at least this much are impactful; Infinity where there is no score at all. */
  readonly value: number;
  /** Scores that are numbers. */
  readonly scored: number;
  /** Scores that reach the threshold; more than asked for only where scores tie. */
  readonly reached: number;
}

/** Order-preserving key of a float32: unsigned comparison of keys is comparison of numbers. */
const floatView = new Float32Array(1);
const bitView = new Uint32Array(floatView.buffer);
function orderedKey(bits: number): number {
  return (bits & 0x80000000) !== 0 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}
function fromOrderedKey(key: number): number {
  bitView[0] = (key & 0x80000000) !== 0 ? (key & 0x7fffffff) >>> 0 : ~key >>> 0;
  return floatView[0] ?? Number.NaN;
}

/** Counts scores by the upper or lower 16 bits of their ordered keys. */
class KeyHistogram {
  readonly counts = new Float64Array(1 << 16);

  /** @param upper count only keys with these upper bits, by their lower bits; null: count all, by their upper bits */
  constructor(private readonly upper: number | null) {}

  add(scores: Float32Array): void {
    const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
    const { counts, upper } = this;
    for (let i = 0; i < bits.length; i++) {
      const raw = bits[i] ?? 0;
      if ((raw & 0x7fffffff) > 0x7f800000) continue; // NaN: not scored
      const key = orderedKey(raw === 0x80000000 ? 0 : raw); // -0 equals 0
      if (upper === null) counts[key >>> 16] = (counts[key >>> 16] ?? 0) + 1;
      else if (key >>> 16 === upper) counts[key & 0xffff] = (counts[key & 0xffff] ?? 0) + 1;
    }
  }
}

/**
 * The k-th largest score, k = round(fraction * number of scores) and at least 1, by radix selection in two passes.
 * NaN means "not scored" and is left out.
 * @param chunks gives the scores again from the start each time it is called
 */
export async function topThreshold(chunks: () => AsyncIterable<Float32Array>, fraction: number): Promise<Threshold> {
  const upper = new KeyHistogram(null);
  for await (const chunk of chunks()) upper.add(chunk);
  const scored = upper.counts.reduce((sum, count) => sum + count, 0);
  if (scored === 0) return { value: Infinity, scored, reached: 0 };
  const wanted = Math.max(1, Math.round(fraction * scored));
  const high = largest(upper.counts, wanted);
  const lower = new KeyHistogram(high.bin);
  for await (const chunk of chunks()) lower.add(chunk);
  const low = largest(lower.counts, wanted - high.above);
  const reached = high.above + low.above + (lower.counts[low.bin] ?? 0);
  return { value: fromOrderedKey(((high.bin << 16) | low.bin) >>> 0), scored, reached };
}

/** The bin that holds the `rank`-th largest element, and how many elements lie in bins above it. */
function largest(counts: Float64Array, rank: number): { bin: number; above: number } {
  let above = 0;
  for (let bin = counts.length - 1; bin > 0; bin--) {
    const count = counts[bin] ?? 0;
    if (above + count >= rank) return { bin, above };
    above += count;
  }
  return { bin: 0, above };
}
