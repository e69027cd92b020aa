/** Seeded random numbers. Each purpose has a seed of its own, so that no stage disturbs another. */
import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** A 31-bit seed from a recipe's seed and labels that name the purpose. */
export function subSeed(seed: number, ...labels: readonly (string | number)[]): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...labels]))
    .digest();
  return digest.readUInt32LE(0) >>> 1;
}

/** A stream of random numbers (xoroshiro128+); equal seeds and labels give equal streams on every machine. */
export class Random {
  private generator;
  /** All zeros between two calls of `subset`. */
  private bits = new Uint32Array(0);

  constructor(seed: number, ...labels: readonly (string | number)[]) {
    this.generator = xoroshiro128plus(subSeed(seed, ...labels));
  }

  /** Uniform integer, both bounds included. */
  integer(low: number, high: number): number {
    return low === high ? low : uniformInt(this.generator, low, high);
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return uniformFloat64(this.generator);
  }

  /** Fills `target` with what as many calls of `unit` would give: the generator's state in local variables is twice as fast. */
  units(target: Float64Array): Float64Array {
    let [s01 = 0, s00 = 0, s11 = 0, s10 = 0] = this.generator.getState();
    for (let at = 0; at < target.length; at++) {
      const high = (s00 + s10) & 0x3ffffff;
      // One step of xoroshiro128+ (constants 24, 16, 37) on halves of 32 bits, as in pure-rand.
      let a0 = s10 ^ s00;
      let a1 = s11 ^ s01;
      const t00 = (s00 << 24) ^ (s01 >>> 8) ^ a0 ^ (a0 << 16);
      const t01 = (s01 << 24) ^ (s00 >>> 8) ^ a1 ^ ((a1 << 16) | (a0 >>> 16));
      const t10 = (a1 << 5) ^ (a0 >>> 27);
      const t11 = (a0 << 5) ^ (a1 >>> 27);
      const low = (t00 + t10) & 0x7ffffff;
      a0 = t10 ^ t00;
      a1 = t11 ^ t01;
      s00 = (t00 << 24) ^ (t01 >>> 8) ^ a0 ^ (a0 << 16);
      s01 = (t01 << 24) ^ (t00 >>> 8) ^ a1 ^ ((a1 << 16) | (a0 >>> 16));
      s10 = (a1 << 5) ^ (a0 >>> 27);
      s11 = (a0 << 5) ^ (a1 >>> 27);
      target[at] = high * 2 ** -26 + low * 2 ** -53;
    }
    this.generator = xoroshiro128plusFromState([s01, s00, s11, s10]);
    return target;
  }

  /** Uniform element. @throws RangeError on an empty list. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("nothing to pick from");
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** Puts `items` into a uniformly random order, in place (Fisher-Yates). */
  shuffle<A extends unknown[] | Int32Array | Uint32Array>(items: A): A {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(0, last);
      const value = items[last];
      items[last] = items[other];
      items[other] = value;
    }
    return items;
  }

  /** As `integer(0, range - 1)`, for a range of at most 2^31: by integers instead of floating-point numbers. */
  private below(range: number): number {
    if (range === 1) return 0;
    for (;;) {
      const value = (this.generator.next() ^ 0x80000000) >>> 0;
      // What lies behind the last whole multiple of the range is drawn again; the first test spares most the division.
      if (value < 0x100000000 - range || value < Math.floor(0x100000000 / range) * range) return value % range;
    }
  }

  /** Sorted uniformly random subset of {0, ..., range - 1}: every subset of `count` is equally likely (Floyd's algorithm). */
  subset(count: number, range: number): Int32Array {
    if (count > range) throw new RangeError(`no ${count} different values below ${range}`);
    // One bit a value: collecting them in order then costs a look at every 32nd, and leaves none for the next subset.
    const words = (range >>> 5) + 1;
    if (this.bits.length < words) this.bits = new Uint32Array(words * 2);
    const taken = this.bits;
    for (let limit = range - count; limit < range; limit++) {
      let value = this.below(limit + 1);
      if (((taken[value >>> 5] ?? 0) & (1 << (value & 31))) !== 0) value = limit;
      taken[value >>> 5] = (taken[value >>> 5] ?? 0) | (1 << (value & 31));
    }
    const values = new Int32Array(count);
    for (let word = 0, next = 0; next < count; word++) {
      for (let bits = taken[word] ?? 0; bits !== 0; bits &= bits - 1) values[next++] = word * 32 + 31 - Math.clz32(bits & -bits);
      taken[word] = 0;
    }
    return values;
  }
}
