/** Draws by the thousand: xoroshiro128+ (constants 24, 16, 37) as pure-rand has it, equal states give equal numbers. */
import { column, grow } from "./memory";

/** What was drawn. */
export let drawn: usize = 0;
/** A bit for each value of a subset; all zero between two calls. */
let bits: usize = 0;

let s0: u64 = 0;
let s1: u64 = 0;

/**
 * Lays out the memory for draws. To be called once.
 * @param count most numbers in a draw
 * @param range most values that a subset is drawn from
 */
export function layOutDraws(count: i32, range: i32): void {
  drawn = column((<usize>count) << 3);
  bits = column(((<usize>range) >>> 3) + 8);
  grow();
}

/** Halves of the state, in pure-rand's order. */
export function setState(s01: u32, s00: u32, s11: u32, s10: u32): void {
  s0 = ((<u64>s01) << 32) | s00;
  s1 = ((<u64>s11) << 32) | s10;
}

/** One of the halves, 0 to 3. */
export function stateHalf(index: i32): u32 {
  const word = index < 2 ? s0 : s1;
  return <u32>(index & 1 ? word : word >>> 32);
}

function next(): u32 {
  const out = <u32>(s0 + s1);
  const mixed = s1 ^ s0;
  s0 = rotl(s0, 24) ^ mixed ^ (mixed << 16);
  s1 = rotl(mixed, 37);
  return out;
}

/** Draws `count` float64 numbers, uniform in [0, 1). */
export function units(count: i32): void {
  for (let at = drawn, end = drawn + ((<usize>count) << 3); at < end; at += 8) {
    const high = next() & 0x3ffffff;
    const low = next() & 0x7ffffff;
    store<f64>(at, <f64>high * (1.0 / 67108864.0) + <f64>low * (1.0 / 9007199254740992.0));
  }
}

/** Uniform integer below `range`, as pure-rand draws it. */
function below(range: u32): u32 {
  if (range == 1) return 0;
  while (true) {
    const value = next() ^ 0x80000000;
    // What lies behind the last whole multiple of the range is drawn again; the first test spares most the division.
    if (value < 0 - range || <u64>value < (0x100000000 / <u64>range) * range) return value % range;
  }
}

/** Draws `count` int32 numbers out of {0, ..., range - 1}, ascending: every subset is equally likely (Floyd's algorithm). */
export function subset(count: i32, range: i32): void {
  for (let limit = range - count; limit < range; limit++) {
    let value = <i32>below(limit + 1);
    if ((load<u64>(wordOf(value)) >> (value & 63)) & 1) value = limit;
    const word = wordOf(value);
    store<u64>(word, load<u64>(word) | ((<u64>1) << (value & 63)));
  }
  // Collecting the bits in order costs a look at every 64th value, and leaves none for the next subset.
  let at = drawn;
  const end = drawn + ((<usize>count) << 2);
  for (let first = 0; at < end; first += 64) {
    const word = wordOf(first);
    let left = load<u64>(word);
    if (left == 0) continue;
    store<u64>(word, 0);
    for (; left != 0; left &= left - 1) {
      store<i32>(at, first + <i32>ctz(left));
      at += 4;
    }
  }
}

function wordOf(value: i32): usize {
  return bits + ((<usize>(value >>> 6)) << 3);
}
