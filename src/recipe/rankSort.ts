/**
 * Sorts items by a key, ties by a second one, both descending: a bucket sort, because samples are built from thousands
 * of sentences each and a comparison sort was a quarter of the time. It may stop early: what a sample has no room for
 * need not be in order.
 */

/** Buckets of at most this many items are put in order by insertion. */
const smallBucket = 24;

/** Told of the items in order; false ends the sorting. */
type Take = (item: number) => boolean;

interface Keys {
  /** Any numbers but NaN; -Infinity allowed. */
  readonly keys: Float64Array;
  /** Numbers in [0, 1). */
  readonly ties: Float64Array;
}

/**
 * Item numbers, highest key first; equal keys by the higher tie; equal ties by the lower number.
 * @param take told of one item after another as their places become known; once it says false, the rest stays unsorted
 * @param items ascending item numbers to sort; left out: all
 */
export function sortDescending(keys: Float64Array, ties: Float64Array, take: Take = () => true, items?: Uint32Array): Uint32Array {
  const all = items ?? Uint32Array.from(keys, (_, item) => item);
  const count = all.length;
  const order = new Uint32Array(count);
  // Items of key -Infinity have no place on a scale: they come last, by their ties.
  let finite = 0;
  let rest = count;
  for (const item of all) if (keys[item] !== -Infinity) order[finite++] = item;
  for (let at = count - 1; at >= 0; at--) if (keys[all[at] ?? 0] === -Infinity) order[--rest] = all[at] ?? 0;
  const sorter = new Sorter(order, { keys, ties }, take);
  if (sorter.sort(0, finite, keys)) sorter.sort(finite, count, ties);
  return order;
}

class Sorter {
  private readonly scratch: Uint32Array;

  constructor(
    private readonly order: Uint32Array,
    private readonly by: Keys,
    private readonly take: Take,
  ) {
    this.scratch = new Uint32Array(order.length);
  }

  /**
   * Sorts order[from, to) and hands its items on.
   * @param scale what spreads the items over buckets: the keys, or where they are all equal the ties
   * @returns whether to go on
   */
  sort(from: number, to: number, scale: Float64Array): boolean {
    const { order } = this;
    const count = to - from;
    if (count <= smallBucket) return this.insertionSort(from, to);
    let low = Infinity;
    let high = -Infinity;
    for (let at = from; at < to; at++) {
      const value = scale[order[at] ?? 0] ?? 0;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low === high && scale !== this.by.ties) return this.sort(from, to, this.by.ties);
    if (low === high || high - low === Infinity) return this.comparisonSort(from, to);
    const ends = this.distribute(from, to, scale, high, (count - 1) / (high - low));
    for (let bucket = 0, start = from; bucket < count; bucket++) {
      const end = from + (ends[bucket] ?? 0);
      // A bucket with most of the items would not get smaller soon: values that lie close together beside a far one.
      const goOn = (end - start) * 2 > count && end - start > smallBucket ? this.comparisonSort(start, end) : this.sort(start, end, scale);
      if (!goOn) return false;
      start = end;
    }
    return true;
  }

  /** Puts order[from, to) into buckets, one for each item, high values first; gives where each bucket ends, from `from` on. */
  private distribute(from: number, to: number, scale: Float64Array, high: number, factor: number): Uint32Array {
    const { order, scratch } = this;
    const last = to - from - 1;
    const ends = new Uint32Array(last + 2);
    for (let at = from; at < to; at++) {
      const item = order[at] ?? 0;
      scratch[at] = item;
      // Monotone in the value, so that a bucket's items all come before the next one's.
      const bucket = Math.min(last, ((high - (scale[item] ?? 0)) * factor) >>> 0) + 1;
      ends[bucket] = (ends[bucket] ?? 0) + 1;
    }
    for (let bucket = 1; bucket <= last; bucket++) ends[bucket] = (ends[bucket] ?? 0) + (ends[bucket - 1] ?? 0);
    for (let at = from; at < to; at++) {
      const item = scratch[at] ?? 0;
      const bucket = Math.min(last, ((high - (scale[item] ?? 0)) * factor) >>> 0);
      const place = ends[bucket] ?? 0;
      order[from + place] = item;
      ends[bucket] = place + 1;
    }
    return ends;
  }

  private insertionSort(from: number, to: number): boolean {
    const { order } = this;
    for (let at = from + 1; at < to; at++) {
      const item = order[at] ?? 0;
      let place = at;
      while (place > from && this.compare(order[place - 1] ?? 0, item) > 0) {
        order[place] = order[place - 1] ?? 0;
        place--;
      }
      order[place] = item;
    }
    return this.handOn(from, to);
  }

  private comparisonSort(from: number, to: number): boolean {
    this.order.subarray(from, to).sort((a, b) => this.compare(a, b));
    return this.handOn(from, to);
  }

  private handOn(from: number, to: number): boolean {
    for (let at = from; at < to; at++) if (!this.take(this.order[at] ?? 0)) return false;
    return true;
  }

  private compare(a: number, b: number): number {
    const { keys, ties } = this.by;
    const left = keys[a] ?? 0;
    const right = keys[b] ?? 0;
    if (left !== right) return left < right ? 1 : -1;
    return (ties[b] ?? 0) - (ties[a] ?? 0) || a - b;
  }
}
