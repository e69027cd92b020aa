/**
 * Near-duplicate documents, found as they come by: MinHash (Broder 1997) in its one-permutation form (Li, Owen and
 * Zhang 2012) with optimal densification (Shrivastava 2017), and locality-sensitive hashing over bands of it.
 *
 * Memory is about 250 bytes a kept document, whatever its length. The similarity is estimated from 128 values, with a
 * standard error of about 0.035 at a similarity of 0.8.
 */
import type { Deduplication } from "../protocol/recipe.js";
import { subSeed } from "./random.js";
import { eachShingle, mix } from "./shingles.js";

/** Values of a signature; a power of two. */
const values = 128;
/** Values that the bands are made of. */
const banded = 64;
/** Documents compared for one band: bounds the time where unlike documents share a band (licences, templates). */
const mostCandidates = 32;
const empty = 0xffffffff;

export class NearDuplicates {
  private readonly threshold: number;
  private readonly shingleWords: number;
  private readonly seed: number;
  /** Values in a band. */
  private readonly rows: number;
  private readonly minima = new Uint32Array(values);
  /** Lowest byte of each value, `values` for each kept document. */
  private signatures = new Uint8Array(values * 64);
  private count = 0;
  /** Open addressing by the hash of a band: number of a kept document + 1. */
  private slots = new Uint32Array(1 << 11);
  private used = 0;

  constructor(settings: Pick<Deduplication, "threshold" | "shingleWords">, seed: number) {
    this.threshold = settings.threshold;
    this.shingleWords = settings.shingleWords;
    this.seed = subSeed(seed, "duplicates");
    this.rows = bandRows(settings.threshold);
  }

  /** Whether a text nearly repeats one that was added before; adds it where it does not. */
  isRepeated(text: string): boolean {
    this.sign(text);
    for (let band = 0; band < banded; band += this.rows) if (this.bandRepeats(band)) return true;
    this.keep();
    return false;
  }

  /** Puts the signature of a text behind those of the kept documents. */
  private sign(text: string): void {
    if ((this.count + 1) * values > this.signatures.length) this.signatures = grown(this.signatures, this.signatures.length * 2);
    const { minima } = this;
    minima.fill(empty);
    const shingles = eachShingle(text, this.shingleWords, this.seed, (hash) => {
      const bin = hash & (values - 1);
      const value = hash >>> 7;
      if (value < (minima[bin] ?? 0)) minima[bin] = value;
    });
    const start = this.count * values;
    for (let bin = 0; bin < values; bin++) this.signatures[start + bin] = shingles > 0 ? mix(this.filled(bin)) : 0;
  }

  /** The value of a bin; an empty one borrows from a bin that depends on nothing but its number. */
  private filled(bin: number): number {
    let from = bin;
    for (let attempt = 1; this.minima[from] === empty; attempt++) from = mix((bin << 16) ^ attempt) & (values - 1);
    return this.minima[from] ?? 0;
  }

  private bandRepeats(band: number): boolean {
    let candidates = 0;
    for (let slot = this.slotOf(this.count, band); this.slots[slot] !== 0; slot = (slot + 1) & (this.slots.length - 1)) {
      const other = (this.slots[slot] ?? 0) - 1;
      if (!this.sameBand(other, band)) continue;
      if (this.similarity(other) >= this.threshold) return true;
      if (++candidates === mostCandidates) break;
    }
    return false;
  }

  private sameBand(other: number, band: number): boolean {
    const a = this.count * values + band;
    const b = other * values + band;
    for (let row = 0; row < this.rows; row++) if (this.signatures[a + row] !== this.signatures[b + row]) return false;
    return true;
  }

  /** Estimated Jaccard index of the signed text and a kept document; bytes agree by chance once in 256. */
  private similarity(other: number): number {
    const a = this.count * values;
    const b = other * values;
    let same = 0;
    for (let value = 0; value < values; value++) if (this.signatures[a + value] === this.signatures[b + value]) same++;
    return (same / values - 1 / 256) / (1 - 1 / 256);
  }

  private keep(): void {
    const bands = banded / this.rows;
    if ((this.used + bands) * 2 > this.slots.length) this.rehash();
    for (let band = 0; band < banded; band += this.rows) this.insert(this.count, band);
    this.count++;
  }

  private insert(document: number, band: number): void {
    let slot = this.slotOf(document, band);
    while (this.slots[slot] !== 0) slot = (slot + 1) & (this.slots.length - 1);
    this.slots[slot] = document + 1;
    this.used++;
  }

  private slotOf(document: number, band: number): number {
    const start = document * values + band;
    let hash = band;
    for (let row = 0; row < this.rows; row++) hash = Math.imul(hash ^ (this.signatures[start + row] ?? 0), 0x01000193) + 1;
    return mix(hash) & (this.slots.length - 1);
  }

  private rehash(): void {
    this.slots = new Uint32Array(this.slots.length * 2);
    this.used = 0;
    for (let document = 0; document < this.count; document++) {
      for (let band = 0; band < banded; band += this.rows) this.insert(document, band);
    }
  }
}

/** Most rows in a band such that a pair at the threshold shares a band with a probability of 0.99 or more. */
function bandRows(threshold: number): number {
  let rows = 1;
  while (rows < banded && 1 - (1 - threshold ** (rows * 2)) ** (banded / (rows * 2)) >= 0.99) rows *= 2;
  return rows;
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}
