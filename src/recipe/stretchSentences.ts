/** The sentences of a stretch, by columns. */
import { bisectLeft } from "d3-array";
import type { SampleSource } from "./samples.js";
import type { StretchPart } from "./stretches.js";

/**
 * Sentences of a stretch, by columns. Sentences that a window's border cuts are left out, unless the window holds no
 * whole one. A sentence of more than `longest` tokens (half a sample) comes in pieces, so that a sample is never left
 * less than half full for want of a sentence that fits.
 */
export class StretchSentences {
  count = 0;
  parts = new Int32Array(1024);
  firsts = new Int32Array(1024);
  lengths = new Int32Array(1024);
  impactful = new Int32Array(1024);
  private longest = 1;

  /** Begins anew. */
  reset(longest: number): void {
    this.count = 0;
    this.longest = longest;
  }

  addPart(source: SampleSource, part: StretchPart, partNumber: number): void {
    const before = this.count;
    this.collect(source, part, partNumber, false);
    if (this.count === before) this.collect(source, part, partNumber, true);
  }

  private collect(source: SampleSource, part: StretchPart, partNumber: number, clip: boolean): void {
    const { first, impactful } = source.sentences(part.index);
    const size = source.sizes[part.index]?.tokens ?? 0;
    for (let sentence = Math.max(0, bisectLeft(first, part.first) - 1); sentence < first.length; sentence++) {
      const start = first[sentence] ?? 0;
      if (start >= part.end) return;
      const end = sentence + 1 < first.length ? (first[sentence + 1] ?? size) : size;
      const whole = start >= part.first && end <= part.end;
      if (whole && end - start <= this.longest) this.push(partNumber, start, end - start, impactful[sentence] ?? 0);
      else if (whole || (clip && end > part.first)) {
        this.pieces(partNumber, Math.max(start, part.first), Math.min(end, part.end), (impactful[sentence] ?? 0) / (end - start));
      }
    }
  }

  private pieces(part: number, first: number, end: number, density: number): void {
    for (let start = first; start < end; start += this.longest) {
      const size = Math.min(this.longest, end - start);
      this.push(part, start, size, Math.round(density * size));
    }
  }

  private push(part: number, first: number, length: number, impactful: number): void {
    if (length === 0) return;
    if (this.count === this.parts.length) this.grow();
    const at = this.count++;
    this.parts[at] = part;
    this.firsts[at] = first;
    this.lengths[at] = length;
    this.impactful[at] = impactful;
  }

  private grow(): void {
    for (const name of ["parts", "firsts", "lengths", "impactful"] as const) {
      const larger = new Int32Array(this.count * 2);
      larger.set(this[name]);
      this[name] = larger;
    }
  }
}
