/** Seeded random numbers. Each purpose has a seed of its own, so that no stage disturbs another. */
import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A 31-bit seed from a recipe's seed and labels that name the purpose. */
export function subSeed(seed: number, ...labels: readonly (string | number)[]): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...labels]))
    .digest();
  return digest.readUInt32LE(0) >>> 1;
}

/** A stream of random numbers (xoroshiro128+); equal seeds and labels give equal streams on every machine. */
export class Random {
  private readonly generator;

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

  /** Sorted uniformly random subset of {0, ..., range - 1}: every subset of `count` is equally likely (Floyd's algorithm). */
  subset(count: number, range: number): Int32Array {
    if (count > range) throw new RangeError(`no ${count} different values below ${range}`);
    // One bit a value: collecting them in order then costs a look at every 32nd.
    const taken = new Uint32Array((range >>> 5) + 1);
    for (let limit = range - count; limit < range; limit++) {
      let value = this.integer(0, limit);
      if (((taken[value >>> 5] ?? 0) & (1 << (value & 31))) !== 0) value = limit;
      taken[value >>> 5] = (taken[value >>> 5] ?? 0) | (1 << (value & 31));
    }
    const values = new Int32Array(count);
    for (let word = 0, next = 0; next < count; word++) {
      for (let bits = taken[word] ?? 0; bits !== 0; bits &= bits - 1) values[next++] = word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return values;
  }
}
