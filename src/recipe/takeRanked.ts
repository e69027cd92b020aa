/**
 * Which sentences fill a sample: as going through the whole ranking would tell, but almost without sorting. What
 * ranks so high that everything down to it fits is taken whatever its order; only the sentences at the border are put in
 * order.
 */
import { sortDescending } from "./rankSort.js";

const buckets = 1024;

/** A ranking of sentences: highest key first, then highest tie, then lowest number. */
export interface Ranked {
  readonly count: number;
  /** Any numbers but NaN; -Infinity allowed. */
  readonly keys: Float64Array;
  /** Numbers in [0, 1). */
  readonly ties: Float64Array;
  readonly lengths: Int32Array;
}

/** Memory that is used again from one sample to the next; `taken` holds the last result. */
export class RankMemory {
  keys = new Float64Array(0);
  ties = new Float64Array(0);
  /** 1 for a sentence that is taken. */
  taken = new Uint8Array(0);
  places = new Uint16Array(0);
  items = new Uint32Array(0);
  kept = new Uint32Array(0);
  /** Tokens by bucket; behind the last those that are in none. */
  readonly tokens = new Float64Array(buckets + 1);
  scale = new Float64Array(0);

  /** Room for `count` sentences; what was in it is lost. */
  reserve(count: number): void {
    if (this.keys.length >= count) return;
    const room = Math.max(1024, 2 * count);
    this.keys = new Float64Array(room);
    this.ties = new Float64Array(room);
    this.taken = new Uint8Array(room);
    this.places = new Uint16Array(room);
    this.scale = new Float64Array(room);
    this.items = new Uint32Array(room);
    this.kept = new Uint32Array(room);
  }
}

/**
 * Marks in `memory.taken` the sentences that are taken when each that still fits into `budget` tokens is, in ranked order.
 * @returns how many are taken
 */
export function takeRanked(ranked: Ranked, budget: number, memory: RankMemory): number {
  return new Taking(ranked, budget, memory).all();
}

class Taking {
  private readonly shortest: number;
  private taken = 0;

  constructor(
    private readonly ranked: Ranked,
    private left: number,
    private readonly memory: RankMemory,
  ) {
    const { count, lengths } = ranked;
    memory.taken.fill(0, 0, count);
    let shortest = Infinity;
    for (let sentence = 0; sentence < count; sentence++) shortest = Math.min(shortest, lengths[sentence] ?? 0);
    this.shortest = shortest;
  }

  all(): number {
    const { count, keys, ties } = this.ranked;
    if (!this.group(keys) || this.left < this.shortest) return this.taken;
    // Sentences of key -Infinity come last, by their ties.
    const { scale } = this.memory;
    for (let sentence = 0; sentence < count; sentence++) {
      scale[sentence] = keys[sentence] === -Infinity ? (ties[sentence] ?? 0) : -Infinity;
    }
    this.group(scale);
    return this.taken;
  }

  /**
   * Takes from the sentences that have a place on a scale. Without branches where one could not be foreseen: they
   * cost more than what they would spare.
   * @param scale what ranks them first; -Infinity: not in this group
   * @returns whether sentences that rank lower can still be taken
   */
  private group(scale: Float64Array): boolean {
    const { count, lengths } = this.ranked;
    const { places, taken, items } = this.memory;
    const border = this.spread(scale);
    let candidates = 0;
    let bulk = 0;
    for (let sentence = 0; sentence < count; sentence++) {
      const place = places[sentence] ?? 0;
      const above = (place - border) >>> 31;
      taken[sentence] = (taken[sentence] ?? 0) | above;
      bulk += above;
      items[candidates] = sentence;
      candidates += ((place ^ border) - 1) >>> 31; // 1 where they are equal
    }
    this.taken += bulk;
    if (border === buckets) return true;
    if (!this.inOrder(candidates)) return false;
    // Below the border there is room left for the shorter ones.
    candidates = 0;
    for (let sentence = 0; sentence < count; sentence++) {
      const place = places[sentence] ?? 0;
      if ((lengths[sentence] ?? 0) <= this.left && place > border && place < buckets) items[candidates++] = sentence;
    }
    return this.inOrder(candidates);
  }

  /**
   * Puts the sentences of a group into buckets, `places`: high values first, what is not in the group behind the last.
   * Takes from the room that is left what the buckets hold which fit whole.
   * @returns the first bucket that does not; the number of buckets where all do
   */
  private spread(scale: Float64Array): number {
    const { count, lengths } = this.ranked;
    const { places, tokens } = this.memory;
    let low = Infinity;
    let high = -Infinity;
    for (let sentence = 0; sentence < count; sentence++) {
      const value = scale[sentence] ?? 0;
      if (value > high) high = value;
      if (value < low && value !== -Infinity) low = value;
    }
    if (high === -Infinity) {
      places.fill(buckets, 0, count);
      return buckets;
    }
    // Halves, so that no difference of finite numbers is infinite. Monotone in the value: a bucket's sentences all rank
    // above the next one's. Where the values span no range there is one bucket.
    const half = high / 2;
    const factor = high > low ? Math.min((buckets - 1) / (half - low / 2), Number.MAX_VALUE) : Number.MIN_VALUE;
    tokens.fill(0);
    for (let sentence = 0; sentence < count; sentence++) {
      const place = Math.min(buckets, (half - (scale[sentence] ?? 0) / 2) * factor) | 0;
      places[sentence] = place;
      tokens[place] = (tokens[place] ?? 0) + (lengths[sentence] ?? 0);
    }
    let border = 0;
    for (; border < buckets && (tokens[border] ?? 0) <= this.left; border++) this.left -= tokens[border] ?? 0;
    return border;
  }

  /** Takes of the first `candidates` items what fits, in ranked order. @returns whether anything still could */
  private inOrder(candidates: number): boolean {
    const { keys, ties, lengths } = this.ranked;
    const { items, taken } = this.memory;
    const take = (sentence: number): boolean => {
      const length = lengths[sentence] ?? 0;
      if (length <= this.left) {
        taken[sentence] = 1;
        this.taken++;
        this.left -= length;
      }
      return this.left >= this.shortest;
    };
    if (candidates > 0) sortDescending(keys, ties, take, items.subarray(0, candidates));
    return this.left >= this.shortest;
  }
}
