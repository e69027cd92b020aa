/**
 * Smallest and largest value of each block of a column, kept up as the column grows.
 *
 * A chart asks for the extremes of every pixel column at every frame; with blocks of 64 a million points cost a few
 * ten thousand reads a frame instead of a million.
 */
import { GrowableFloats, at } from "./growable.js";

const blockSize = 64;

export interface Extent {
  min: number;
  max: number;
}

export class MinMaxIndex {
  readonly #min = new GrowableFloats(256);
  readonly #max = new GrowableFloats(256);

  /** Takes in the whole blocks of the first `length` values. NaN counts as missing. */
  extend(values: Float64Array, length: number): void {
    const blocks = Math.floor(length / blockSize);
    for (let block = this.#min.length; block < blocks; block++) {
      const extent = { min: Infinity, max: -Infinity };
      scan(values, block * blockSize, (block + 1) * blockSize, extent);
      this.#min.push(extent.min);
      this.#max.push(extent.max);
    }
  }

  /** Forgets the blocks that reach past `length`. */
  truncate(length: number): void {
    this.#min.truncate(Math.floor(length / blockSize));
    this.#max.truncate(Math.floor(length / blockSize));
  }

  /** Widens `into` by the values of [from, to); leaves it as it was when none of them is a number. */
  widen(values: Float64Array, from: number, to: number, into: Extent): void {
    const firstBlock = Math.ceil(from / blockSize);
    const endBlock = Math.min(Math.floor(to / blockSize), this.#min.length);
    if (firstBlock >= endBlock) {
      scan(values, from, to, into);
      return;
    }
    scan(values, from, firstBlock * blockSize, into);
    for (let block = firstBlock; block < endBlock; block++) {
      const low = at(this.#min.data, block);
      const high = at(this.#max.data, block);
      if (low < into.min) into.min = low;
      if (high > into.max) into.max = high;
    }
    scan(values, endBlock * blockSize, to, into);
  }
}

function scan(values: Float64Array, from: number, to: number, into: Extent): void {
  let { min, max } = into;
  for (let index = from; index < to; index++) {
    const value = at(values, index);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  into.min = min;
  into.max = max;
}
