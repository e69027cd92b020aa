/**
 * Which sentences fill a sample: as going through the whole ranking would tell, but almost without sorting. What ranks so
 * high that everything down to it fits is taken whatever its order; only the sentences at the border are put in order.
 *
 * A ranking: highest key first, then highest tie, then lowest number.
 */
import { buckets, bucketTokens, impactful, items, kept, keys, lengths, places, scale, taken, ties } from "./memory";

let left: i32 = 0;
let shortest: i32 = 0;

/** Keys by the share of impactful tokens; -Infinity for a sentence without any. */
export function densities(count: i32): void {
  for (let at: usize = 0, end = <usize>count; at < end; at += 2) {
    const density = f64x2.div(
      f64x2.convert_low_i32x4_s(v128.load64_zero(impactful + (at << 2))),
      f64x2.convert_low_i32x4_s(v128.load64_zero(lengths + (at << 2))),
    );
    v128.store(keys + (at << 3), v128.bitselect(density, f64x2.splat(-Infinity), f64x2.gt(density, f64x2.splat(0))));
  }
}

/**
 * Takes each sentence that still fits into `budget` tokens, in ranked order.
 * @returns how many are taken; their numbers are in `kept`, ascending
 */
export function takeRanked(count: i32, budget: i32): i32 {
  left = budget;
  shortest = least(count);
  memory.fill(taken, 0, (<usize>count) << 2);
  if (takeGroup(count, keys) && left >= shortest) {
    // Sentences of key -Infinity come last, by their ties.
    for (let at: usize = 0, end = (<usize>count) << 3; at < end; at += 16) {
      const none = f64x2.eq(v128.load(keys + at), f64x2.splat(-Infinity));
      v128.store(scale + at, v128.bitselect(v128.load(ties + at), f64x2.splat(-Infinity), none));
    }
    takeGroup(count, scale);
  }
  let next = kept;
  for (let sentence = 0; sentence < count; sentence++) {
    // Overwritten by the next one unless it is taken: a branch here could not be foreseen.
    store<i32>(next, sentence);
    next += load<i32>(at32(taken, sentence)) & 4;
  }
  return <i32>((next - kept) >> 2);
}

/** Length of the shortest sentence. */
function least(count: i32): i32 {
  let lowest = i32x4.splat(i32.MAX_VALUE);
  const whole = count & ~3;
  for (let at: usize = 0, end = (<usize>whole) << 2; at < end; at += 16) lowest = i32x4.min_s(lowest, v128.load(lengths + at));
  let result = min(
    min(i32x4.extract_lane(lowest, 0), i32x4.extract_lane(lowest, 1)),
    min(i32x4.extract_lane(lowest, 2), i32x4.extract_lane(lowest, 3)),
  );
  for (let sentence = whole; sentence < count; sentence++) result = min(result, lengthOf(sentence));
  return result;
}

/**
 * Takes from the sentences that have a place on a scale.
 * @param by what ranks them first; -Infinity: not in this group
 * @returns whether sentences that rank lower can still be taken
 */
function takeGroup(count: i32, by: usize): bool {
  const border = spread(count, by);
  for (let at: usize = 0, end = (<usize>count) << 2; at < end; at += 16) {
    const above = i32x4.lt_s(v128.load(places + at), i32x4.splat(border));
    v128.store(taken + at, v128.or(v128.load(taken + at), above));
  }
  if (border == buckets) return true;
  if (!takeInOrder(candidates(count, border, border, i32.MAX_VALUE))) return false;
  // Below the border there is room left for the shorter ones.
  return takeInOrder(candidates(count, border + 1, buckets - 1, left));
}

/** Puts into `items` the sentences of at most `longest` tokens in the buckets `first` to `last`. @returns how many */
function candidates(count: i32, first: i32, last: i32, longest: i32): i32 {
  let found = items;
  for (let sentence = 0; sentence < count; sentence += 4) {
    const place = v128.load(at32(places, sentence));
    const short = i32x4.le_s(v128.load(at32(lengths, sentence)), i32x4.splat(longest));
    const inside = v128.and(i32x4.ge_s(place, i32x4.splat(first)), i32x4.le_s(place, i32x4.splat(last)));
    for (let lanes = i32x4.bitmask(v128.and(short, inside)); lanes != 0; lanes &= lanes - 1) {
      const item = sentence + ctz(lanes);
      if (item >= count) break;
      store<i32>(found, item);
      found += 4;
    }
  }
  return <i32>((found - items) >> 2);
}

/**
 * Puts the sentences of a group into buckets, high values first; what is not in the group goes behind the last. Takes
 * from the room that is left what the buckets hold which fit whole.
 * @returns the first bucket that does not; the number of buckets where all do
 */
function spread(count: i32, by: usize): i32 {
  // What lies behind the last sentence is made equal to it, so that pairs can be looked at.
  if (count & 1) store<f64>(at64(by, count), load<f64>(at64(by, count - 1)));
  const end = (<usize>count) << 3;
  let lows = f64x2.splat(Infinity);
  let highs = f64x2.splat(-Infinity);
  for (let at: usize = 0; at < end; at += 16) {
    const value = v128.load(by + at);
    highs = f64x2.pmax(highs, value);
    lows = f64x2.pmin(lows, v128.bitselect(f64x2.splat(Infinity), value, f64x2.eq(value, f64x2.splat(-Infinity))));
  }
  const high = max(f64x2.extract_lane(highs, 0), f64x2.extract_lane(highs, 1));
  const low = min(f64x2.extract_lane(lows, 0), f64x2.extract_lane(lows, 1));
  // Halves, so that no difference of finite numbers is infinite. Monotone in the value: a bucket's sentences all rank
  // above the next one's. Where the values span no range there is one bucket.
  const half = high == -Infinity ? 0 : high / 2;
  const factor = high > low ? min(<f64>(buckets - 1) / (half - low / 2), f64.MAX_VALUE) : f64.MIN_NORMAL_VALUE;
  memory.fill(bucketTokens, 0, (buckets + 1) << 2);
  for (let sentence = 0; sentence < count; sentence += 2) {
    const depth = f64x2.mul(f64x2.sub(f64x2.splat(half), f64x2.mul(v128.load(at64(by, sentence)), f64x2.splat(0.5))), f64x2.splat(factor));
    const place = i32x4.trunc_sat_f64x2_s_zero(f64x2.pmin(depth, f64x2.splat(buckets)));
    v128.store64_lane(at32(places, sentence), place, 0);
    fill(i32x4.extract_lane(place, 0), lengthOf(sentence));
    if (sentence + 1 < count) fill(i32x4.extract_lane(place, 1), lengthOf(sentence + 1));
  }
  let border = 0;
  for (; border < buckets; border++) {
    const tokens = load<i32>(at32(bucketTokens, border));
    if (tokens > left) break;
    left -= tokens;
  }
  return border;
}

function fill(bucket: i32, tokens: i32): void {
  const at = at32(bucketTokens, bucket);
  store<i32>(at, load<i32>(at) + tokens);
}

/** Takes of the first `count` items what fits, in ranked order. @returns whether anything still could */
function takeInOrder(count: i32): bool {
  for (let parent = count >>> 1; parent-- > 0;) sift(parent, count);
  while (count > 0 && left >= shortest) {
    const sentence = load<i32>(items);
    const length = lengthOf(sentence);
    if (length <= left) {
      store<i32>(at32(taken, sentence), -1);
      left -= length;
    }
    store<i32>(items, load<i32>(at32(items, --count)));
    sift(0, count);
  }
  return left >= shortest;
}

/** Lets the item at `parent` of a heap of `count` sink to its place: the first in rank is on top. */
function sift(parent: i32, count: i32): void {
  const item = load<i32>(at32(items, parent));
  for (let child = 2 * parent + 1; child < count; child = 2 * parent + 1) {
    if (child + 1 < count && before(load<i32>(at32(items, child + 1)), load<i32>(at32(items, child)))) child++;
    const other = load<i32>(at32(items, child));
    if (!before(other, item)) break;
    store<i32>(at32(items, parent), other);
    parent = child;
  }
  store<i32>(at32(items, parent), item);
}

function before(a: i32, b: i32): bool {
  const left = load<f64>(at64(keys, a));
  const right = load<f64>(at64(keys, b));
  if (left != right) return left > right;
  const tieLeft = load<f64>(at64(ties, a));
  const tieRight = load<f64>(at64(ties, b));
  return tieLeft != tieRight ? tieLeft > tieRight : a < b;
}

function lengthOf(sentence: i32): i32 {
  return load<i32>(at32(lengths, sentence));
}

function at32(column: usize, index: i32): usize {
  return column + ((<usize>index) << 2);
}

function at64(column: usize, index: i32): usize {
  return column + ((<usize>index) << 3);
}
