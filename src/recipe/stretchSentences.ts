/** The sentences of a stretch, by columns of the kernel. */
import { bisectLeft } from "d3-array";
import type { SampleKernel } from "./kernel/sampleKernel.js";
import type { SampleSource } from "./samples.js";
import type { StretchPart } from "./stretches.js";

/**
 * Sentences that a window's border cuts are left out, unless the window holds no whole one. A sentence of more than
 * `longest` tokens (half a sample) comes in pieces, so that a sample is never left less than half full for want of a
 * sentence that fits.
 */
export class StretchSentences {
  count = 0;

  constructor(
    private readonly kernel: SampleKernel,
    private readonly longest: number,
  ) {}

  /** @param offset place of the part's first token in the window */
  addPart(source: SampleSource, part: StretchPart, partNumber: number, offset: number): void {
    const { first, impactful } = source.sentences(part.index);
    const size = source.sizes[part.index]?.tokens ?? 0;
    const endOf = (sentence: number): number => first[sentence + 1] ?? size;
    const shift = offset - part.first;
    const from = bisectLeft(first, part.first);
    let to = bisectLeft(first, part.end);
    if (to > from && endOf(to - 1) > part.end) to--;
    if (to > from && this.addWhole(first.subarray(from, to), impactful.subarray(from, to), endOf(to - 1), partNumber, shift)) return;
    const before = this.count;
    for (let sentence = from; sentence < to; sentence++) {
      const start = first[sentence] ?? 0;
      const end = endOf(sentence);
      this.addPieces(partNumber, start, end, (impactful[sentence] ?? 0) / (end - start), shift);
    }
    if (this.count > before) return;
    for (let sentence = Math.max(0, from - 1); (first[sentence] ?? size) < part.end; sentence++) {
      const start = first[sentence] ?? 0;
      const end = endOf(sentence);
      const density = (impactful[sentence] ?? 0) / (end - start);
      this.addPieces(partNumber, Math.max(start, part.first), Math.min(end, part.end), density, shift);
    }
  }

  /** Adds sentences that none needs cutting of. @returns false, and adds none, where one does */
  private addWhole(first: Int32Array, impactful: Int32Array, end: number, part: number, shift: number): boolean {
    const { kernel, count } = this;
    kernel.firsts.set(first, count);
    kernel.firsts[count + first.length] = end;
    if (!kernel.measure(count, first.length, part, shift, this.longest)) return false;
    kernel.impactful.set(impactful, count);
    this.count += first.length;
    return true;
  }

  /** A sentence in pieces of at most `longest` tokens. @param density share of its tokens that are impactful */
  private addPieces(part: number, first: number, end: number, density: number, shift: number): void {
    const { kernel, longest } = this;
    for (let start = first; start < end; start += longest) {
      const size = Math.min(longest, end - start);
      const at = this.count++;
      kernel.parts[at] = part;
      kernel.firsts[at] = start;
      kernel.starts[at] = start + shift;
      kernel.lengths[at] = size;
      kernel.impactful[at] = Math.round(density * size);
    }
  }
}
