/** Memory that is used again: fresh arrays for every sample cost more in page faults and collecting than filling them does. */

export interface Allocator {
  /** An array of `length` zeros or, from an arena, of whatever was there. */
  take(length: number): Int32Array;
}

export const freshArrays: Allocator = { take: (length) => new Int32Array(length) };

/** Hands out neighbouring pieces of one array, valid until `reset()`; once it is full, fresh arrays. */
export class Arena implements Allocator {
  private used = 0;

  constructor(private readonly memory: Int32Array) {}

  take(length: number): Int32Array {
    if (this.used + length > this.memory.length) return new Int32Array(length);
    const piece = this.memory.subarray(this.used, this.used + length);
    this.used += length;
    return piece;
  }

  /** Everything taken may be overwritten from now on. */
  reset(): void {
    this.used = 0;
  }
}
