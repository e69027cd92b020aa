/** Columns of numbers that grow: capacity doubles, so that appending n values costs O(n) in all and allocates O(log n) times. */

/** Float64 values with room to grow. `data` is the backing store: only its first `length` entries mean anything. */
export class GrowableFloats {
  #data: Float64Array;
  #length = 0;

  constructor(capacity = 1024) {
    this.#data = new Float64Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** The backing store; valid until the next append. */
  get data(): Float64Array {
    return this.#data;
  }

  append(values: Float64Array): void {
    this.#reserve(this.#length + values.length);
    this.#data.set(values, this.#length);
    this.#length += values.length;
  }

  push(value: number): void {
    this.#reserve(this.#length + 1);
    this.#data[this.#length] = value;
    this.#length += 1;
  }

  /** Forgets everything from `length` on. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, Math.max(0, length));
  }

  #reserve(needed: number): void {
    if (needed <= this.#data.length) return;
    let capacity = this.#data.length;
    while (capacity < needed) capacity *= 2;
    const grown = new Float64Array(capacity);
    grown.set(this.#data.subarray(0, this.#length));
    this.#data = grown;
  }
}

/** Reads an entry that is known to exist: hot loops index within bounds they have checked themselves. */
export function at(values: Float64Array, index: number): number {
  return values[index] as number;
}

/** First index in [from, to) whose value is >= `target`; `to` where there is none. `values` must ascend. */
export function lowerBound(values: Float64Array, target: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(values, middle) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}
