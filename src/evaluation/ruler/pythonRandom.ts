/**
 * Python's `random.Random` and the part of numpy's `RandomState` that RULER uses, number by number: the Mersenne Twister
 * (pure-rand) with their ways of seeding it and of drawing from it. Held to CPython and numpy by golden numbers.
 */
import { Buffer } from "node:buffer";
import { mersenne, mersenneFromState } from "pure-rand/generator/mersenne";

const stateLength = 624;
const uuidBytes = Buffer.alloc(16);

/** The twister's state from a key of one word (`init_by_array` of Matsumoto and Nishimura, which CPython seeds by). */
function stateOf(seed: number): number[] {
  const state = new Int32Array(stateLength);
  state[0] = 19_650_218;
  for (let at = 1; at < stateLength; at++) state[at] = Math.imul(1_812_433_253, mixed(state, at - 1)) + at;
  let at = 1;
  const step = (multiplier: number, added: number): void => {
    state[at] = ((state[at] ?? 0) ^ Math.imul(mixed(state, at - 1), multiplier)) + added;
    if (++at < stateLength) return;
    state[0] = state[stateLength - 1] ?? 0;
    at = 1;
  };
  for (let round = 0; round < stateLength; round++) step(1_664_525, seed);
  for (let round = 1; round < stateLength; round++) step(1_566_083_941, -at);
  state[0] = -0x8000_0000;
  return [...state];
}

function mixed(state: Int32Array, at: number): number {
  const word = state[at] ?? 0;
  return word ^ (word >>> 30);
}

/** `random.Random(seed)`. Copies are cheap: a search may go back to where it was. */
export class PythonRandom {
  private constructor(private readonly generator: ReturnType<typeof mersenne>) {}

  /** @param seed a whole number from 0 to 2³² - 1 */
  static seeded(seed: number): PythonRandom {
    const generator = mersenneFromState([0, ...stateOf(seed)]);
    // The library's state is twisted already; drawing as often as it is long twists this one.
    for (let drawn = 0; drawn < stateLength; drawn++) generator.next();
    return new PythonRandom(generator);
  }

  clone(): PythonRandom {
    return new PythonRandom(this.generator.clone());
  }

  /** `getrandbits` of 1 to 32 bits. */
  bits(count: number): number {
    return (this.generator.next() >>> 0) >>> (32 - count);
  }

  /** `random()`: [0, 1) in 53 bits. */
  unit(): number {
    const high = this.bits(27);
    return (high * 0x400_0000 + this.bits(26)) / 0x20_0000_0000_0000;
  }

  /** `_randbelow`: uniform in {0, ..., limit - 1}. */
  below(limit: number): number {
    const count = 32 - Math.clz32(limit);
    let value = this.bits(count);
    while (value >= limit) value = this.bits(count);
    return value;
  }

  /** `randint`: both bounds included. */
  integer(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** `shuffle`, in place. */
  shuffle<A extends unknown[] | Int32Array>(items: A): A {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const value = items[last];
      items[last] = items[other];
      items[other] = value;
    }
    return items;
  }

  /** `sample(range(population), count)`. @throws RangeError where there are not that many */
  sample(population: number, count: number): number[] {
    if (count > population) throw new RangeError(`no ${count} different values below ${population}`);
    const found: number[] = [];
    if (drawsFromList(population, count)) {
      const pool = Int32Array.from({ length: population }, (_, at) => at);
      for (let left = population; left > population - count; left--) {
        const at = this.below(left);
        found.push(pool[at] ?? 0);
        pool[at] = pool[left - 1] ?? 0;
      }
      return found;
    }
    const taken = new Set<number>();
    while (taken.size < count) taken.add(this.below(population));
    return [...taken];
  }

  /** Passes over the numbers that `sample` would use. */
  skipSample(population: number, count: number): void {
    if (!drawsFromList(population, count)) this.sample(population, count);
    else for (let left = population; left > population - count; left--) this.below(left);
  }

  /** `"".join(choices(alphabet, k=count))`. */
  letters(alphabet: string, count: number): string {
    let text = "";
    for (let at = 0; at < count; at++) text += alphabet.charAt(Math.floor(this.unit() * alphabet.length));
    return text;
  }

  /** Passes over the numbers that `uuid` would use. */
  skipUuid(): void {
    for (let word = 0; word < 4; word++) this.generator.next();
  }

  /** `str(uuid.UUID(int=getrandbits(128), version=4))`. */
  uuid(): string {
    // Python fills the number from its lowest word upwards.
    for (let word = 3; word >= 0; word--) uuidBytes.writeUInt32BE(this.bits(32), word * 4);
    uuidBytes[6] = ((uuidBytes[6] ?? 0) & 0x0f) | 0x40;
    uuidBytes[8] = ((uuidBytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = uuidBytes.toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}

/** CPython's rule for what takes less memory: a list of all, or a set of those taken. */
function drawsFromList(population: number, count: number): boolean {
  return population <= 21 + (count > 5 ? 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 0);
}

/** `numpy.random.RandomState(seed)`, as far as it is needed. */
export class NumpyRandom {
  private constructor(private readonly generator: ReturnType<typeof mersenne>) {}

  static seeded(seed: number): NumpyRandom {
    return new NumpyRandom(mersenne(seed));
  }

  clone(): NumpyRandom {
    return new NumpyRandom(this.generator.clone());
  }

  /** `randint(low, end)`, `end` excluded: masked rejection. */
  integer(low: number, end: number): number {
    const range = end - 1 - low;
    const mask = 2 ** (32 - Math.clz32(range)) - 1;
    let value = (this.generator.next() & mask) >>> 0;
    while (value > range) value = (this.generator.next() & mask) >>> 0;
    return low + value;
  }
}

/** The two global generators of a Python program that seeds both alike. */
export class Randomness {
  constructor(
    readonly python: PythonRandom,
    readonly numpy: NumpyRandom,
  ) {}

  static seeded(seed: number): Randomness {
    return new Randomness(PythonRandom.seeded(seed), NumpyRandom.seeded(seed));
  }

  clone(): Randomness {
    return new Randomness(this.python.clone(), this.numpy.clone());
  }
}
