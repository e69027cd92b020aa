/**
 * Sorts items by a key, ties by a second one, both descending: a bucket sort, because samples are built from thousands
 * of sentences each and a comparison sort was a quarter of the time.
 */

/** Buckets of at most this many items are put in order by insertion. */
const smallBucket = 24;

/**
 * Item numbers, highest key first; equal keys by the higher tie; equal ties by the lower number.
 * @param keys any numbers but NaN; -Infinity allowed
 * @param ties numbers in [0, 1)
 */
export function sortDescending(keys: Float64Array, ties: Float64Array): Uint32Array {
  const count = keys.length;
  const order = new Uint32Array(count);
  const scratch = new Uint32Array(count);
  // Items of key -Infinity have no place on a scale: they come last, by their ties.
  let finite = 0;
  let rest = count;
  for (let item = 0; item < count; item++) if (keys[item] !== -Infinity) order[finite++] = item;
  for (let item = count - 1; item >= 0; item--) if (keys[item] === -Infinity) order[--rest] = item;
  sortRange(order, scratch, 0, finite, keys, keys, ties);
  sortRange(order, scratch, finite, count, ties, keys, ties);
  return order;
}

/** Sorts order[from, to); `scale` is what spreads the items over buckets: the keys, or where they are all equal the ties. */
function sortRange(
  order: Uint32Array,
  scratch: Uint32Array,
  from: number,
  to: number,
  scale: Float64Array,
  keys: Float64Array,
  ties: Float64Array,
): void {
  const count = to - from;
  if (count <= smallBucket) {
    insertionSort(order, from, to, keys, ties);
    return;
  }
  let low = Infinity;
  let high = -Infinity;
  for (let at = from; at < to; at++) {
    const value = scale[order[at] ?? 0] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === high || high - low === Infinity) {
    if (scale !== ties && low === high) sortRange(order, scratch, from, to, ties, keys, ties);
    else order.subarray(from, to).sort((a, b) => compare(a, b, keys, ties));
    return;
  }
  // Monotone in the value, so that a bucket's items all come before the next one's.
  const factor = (count - 1) / (high - low);
  const bucketOf = (item: number): number => Math.min(count - 1, Math.floor((high - (scale[item] ?? 0)) * factor));
  const ends = new Uint32Array(count + 1);
  for (let at = from; at < to; at++) {
    const bucket = bucketOf(order[at] ?? 0);
    ends[bucket + 1] = (ends[bucket + 1] ?? 0) + 1;
  }
  for (let bucket = 0; bucket < count; bucket++) ends[bucket + 1] = (ends[bucket + 1] ?? 0) + (ends[bucket] ?? 0);
  scratch.set(order.subarray(from, to), from);
  for (let at = from; at < to; at++) {
    const item = scratch[at] ?? 0;
    const bucket = bucketOf(item);
    const place = ends[bucket] ?? 0;
    order[from + place] = item;
    ends[bucket] = place + 1;
  }
  // ends[bucket] is now the bucket's end.
  for (let bucket = 0, start = 0; bucket < count; bucket++) {
    const end = ends[bucket] ?? 0;
    if (end - start > 1) sortBucket(order, scratch, from + start, from + end, count, scale, keys, ties);
    start = end;
  }
}

function sortBucket(
  order: Uint32Array,
  scratch: Uint32Array,
  from: number,
  to: number,
  parent: number,
  scale: Float64Array,
  keys: Float64Array,
  ties: Float64Array,
): void {
  // A bucket with most of its parent's items would not get smaller soon: values that lie close together beside a far one.
  if (to - from > smallBucket && (to - from) * 2 > parent) order.subarray(from, to).sort((a, b) => compare(a, b, keys, ties));
  else sortRange(order, scratch, from, to, scale, keys, ties);
}

function insertionSort(order: Uint32Array, from: number, to: number, keys: Float64Array, ties: Float64Array): void {
  for (let at = from + 1; at < to; at++) {
    const item = order[at] ?? 0;
    let place = at;
    while (place > from && compare(order[place - 1] ?? 0, item, keys, ties) > 0) {
      order[place] = order[place - 1] ?? 0;
      place--;
    }
    order[place] = item;
  }
}

function compare(a: number, b: number, keys: Float64Array, ties: Float64Array): number {
  const left = keys[a] ?? 0;
  const right = keys[b] ?? 0;
  if (left !== right) return left < right ? 1 : -1;
  return (ties[b] ?? 0) - (ties[a] ?? 0) || a - b;
}
