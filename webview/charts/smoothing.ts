/** Exponential moving average, debiased: the first values are not pulled towards zero. NaN stays a hole and moves nothing. */
import { GrowableFloats, at } from "./growable.js";
import { MinMaxIndex } from "./minMaxIndex.js";

export class ExponentialAverage {
  readonly values = new GrowableFloats();
  readonly index = new MinMaxIndex();
  #sum = 0;
  #mass = 0;

  /** `weight` of the past, 0 (no smoothing) to below 1. */
  constructor(readonly weight: number) {}

  /** Catches up with the first `length` values of `raw`; costs only what is new. */
  extend(raw: Float64Array, length: number): void {
    for (let index = this.values.length; index < length; index++) this.values.push(this.#next(at(raw, index)));
    this.index.extend(this.values.data, length);
  }

  /** Starts over: the running sums of an earlier place are not kept. */
  reset(): void {
    this.values.truncate(0);
    this.index.truncate(0);
    this.#sum = 0;
    this.#mass = 0;
  }

  #next(value: number): number {
    if (Number.isNaN(value)) return NaN;
    this.#sum = this.weight * this.#sum + (1 - this.weight) * value;
    this.#mass = this.weight * this.#mass + (1 - this.weight);
    return this.#sum / this.#mass;
  }
}
