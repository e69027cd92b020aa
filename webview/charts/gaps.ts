/** Where a run stood still: the places at which a curve is broken. */
import { at } from "./growable.js";

/** Below this no delay between two points is taken for a pause, in milliseconds. */
const shortest = 30_000;
/** A pause is longer than this many usual intervals. */
const factor = 10;

/** Finds pauses in arriving times (milliseconds); each is the index of the first point after it. */
export class GapFinder {
  #indices: number[] = [];
  #last = NaN;
  #usual = NaN;
  #resumed = false;

  get indices(): readonly number[] {
    return this.#indices;
  }

  /** Takes in the times of points that will stand at `offset` and after. */
  extend(times: Float64Array, offset: number): void {
    for (let index = 0; index < times.length; index++) {
      const time = at(times, index);
      const interval = time - this.#last;
      const paused = this.#resumed || (!Number.isNaN(this.#usual) && interval > Math.max(shortest, factor * this.#usual));
      if (paused && offset + index > 0) this.#indices.push(offset + index);
      else if (!Number.isNaN(interval)) this.#usual = Number.isNaN(this.#usual) ? interval : 0.9 * this.#usual + 0.1 * interval;
      this.#resumed = false;
      this.#last = time;
    }
  }

  /** The run went back to an earlier point: `length` points are left, and what follows comes after a break. */
  rewind(length: number): void {
    this.#indices = this.#indices.filter((index) => index < length);
    this.#resumed = true;
  }
}
