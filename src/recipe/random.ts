/** Seeded random numbers. Each purpose has a seed of its own, so that no stage disturbs another. */
import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { freshArrays, type Allocator } from "./kernel/arena.js";
import { fillSubset, fillUnits, mostValues } from "./kernel/draws.js";

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

  /** Fills `target` with what as many calls of `unit` would give. */
  units(target: Float64Array): Float64Array {
    this.generator = xoroshiro128plusFromState(fillUnits(this.generator.getState(), target));
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

  /**
   * Sorted uniformly random subset of {0, ..., range - 1}: every subset of `count` is equally likely.
   * @param memory where the array comes from
   * @throws RangeError where there are fewer than `count` values, or more than 2^30
   */
  subset(count: number, range: number, memory: Allocator = freshArrays): Int32Array {
    if (count > range) throw new RangeError(`no ${count} different values below ${range}`);
    if (range > mostValues) throw new RangeError(`${range} values are more than ${mostValues}`);
    const values = memory.take(count);
    this.generator = xoroshiro128plusFromState(fillSubset(this.generator.getState(), range, values));
    return values;
  }
}
