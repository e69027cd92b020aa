/** The text of a stretch: shortened to the sentences that a sample keeps, or as it is. */
import type { Random } from "./random.js";
import type { SampleSource } from "./samples.js";
import { chooseSentences, rankSentences, type SelectionOrder } from "./select.js";
import type { Stretch, StretchPart } from "./stretches.js";

/** Where a sample's tokens come from, run by run: tokens [first, end) of a document, by its number in the tables. */
export interface Origins {
  readonly document: Int32Array;
  readonly first: Int32Array;
  readonly end: Int32Array;
}

export interface SampleText {
  readonly ids: Int32Array;
  readonly origins: Origins;
  /** First token of each sentence, ascending from 0. */
  readonly sentences: Int32Array;
}

/** The first `length` tokens of a stretch. */
export function wholeText(source: SampleSource, stretch: Stretch, length: number): SampleText {
  const ids = new Int32Array(length);
  const runs = new Runs();
  let filled = 0;
  for (const { index, first, end } of stretch) {
    const part = source.ids(index, first, Math.min(end, first + length - filled));
    ids.set(part, filled);
    filled += part.length;
    runs.add(source.document(index), first, first + part.length);
  }
  return { ids: ids.subarray(0, filled), sentences: Int32Array.of(0), origins: runs.origins() };
}

/** At most `length` tokens of a stretch: whole sentences by rank, in the order of the text. */
export function shortenedText(
  source: SampleSource,
  stretch: Stretch,
  length: number,
  order: SelectionOrder,
  strict: boolean,
  random: Random,
): SampleText {
  const found = new StretchSentences(Math.max(1, length >>> 1));
  stretch.forEach((part, partNumber) => found.addPart(source, part, partNumber));
  const lengths = Int32Array.from(found.lengths);
  const ranked = rankSentences(lengths, Int32Array.from(found.impactful), order, strict, random);
  const kept = chooseSentences(lengths, ranked, length);
  const loaded = stretch.map(({ index, first, end }) => source.ids(index, first, end));
  const ids = new Int32Array(length);
  const sentences = new Int32Array(kept.length);
  const runs = new Runs();
  let filled = 0;
  for (let place = 0; place < kept.length; place++) {
    const sentence = kept[place] ?? 0;
    const part = found.parts[sentence] ?? 0;
    const first = (found.firsts[sentence] ?? 0) - (stretch[part]?.first ?? 0);
    const size = lengths[sentence] ?? 0;
    sentences[place] = filled;
    ids.set(loaded[part]?.subarray(first, first + size) ?? [], filled);
    filled += size;
    const begin = found.firsts[sentence] ?? 0;
    runs.add(source.document(stretch[part]?.index ?? 0), begin, begin + size);
  }
  return { ids: ids.subarray(0, filled), sentences, origins: runs.origins() };
}

/** Gathers origins; a run that goes on where the last one ended makes it longer. */
class Runs {
  private readonly document: number[] = [];
  private readonly first: number[] = [];
  private readonly end: number[] = [];

  add(document: number, first: number, end: number): void {
    if (first === end) return;
    const last = this.end.length - 1;
    if (this.document[last] === document && this.end[last] === first) {
      this.end[last] = end;
      return;
    }
    this.document.push(document);
    this.first.push(first);
    this.end.push(end);
  }

  origins(): Origins {
    return { document: Int32Array.from(this.document), first: Int32Array.from(this.first), end: Int32Array.from(this.end) };
  }
}

/**
 * Sentences of a stretch, by columns. Sentences that a window's border cuts are left out, unless the window holds no
 * whole one. A sentence of more than `longest` tokens (half a sample) comes in pieces, so that a sample is never left
 * less than half full for want of a sentence that fits.
 */
class StretchSentences {
  readonly parts: number[] = [];
  readonly firsts: number[] = [];
  readonly lengths: number[] = [];
  readonly impactful: number[] = [];

  constructor(private readonly longest: number) {}

  addPart(source: SampleSource, part: StretchPart, partNumber: number): void {
    const before = this.parts.length;
    this.collect(source, part, partNumber, false);
    if (this.parts.length === before) this.collect(source, part, partNumber, true);
  }

  private collect(source: SampleSource, part: StretchPart, partNumber: number, clip: boolean): void {
    const { first, impactful } = source.sentences(part.index);
    const size = source.sizes[part.index]?.tokens ?? 0;
    for (let sentence = Math.max(0, lowerBound(first, part.first) - 1); sentence < first.length; sentence++) {
      const start = first[sentence] ?? 0;
      if (start >= part.end) return;
      const end = first[sentence + 1] ?? size;
      const whole = start >= part.first && end <= part.end;
      if (whole || (clip && end > part.first)) {
        this.add(partNumber, Math.max(start, part.first), Math.min(end, part.end), (impactful[sentence] ?? 0) / (end - start));
      }
    }
  }

  private add(part: number, first: number, end: number, density: number): void {
    for (let start = first; start < end; start += this.longest) {
      const size = Math.min(this.longest, end - start);
      this.parts.push(part);
      this.firsts.push(start);
      this.lengths.push(size);
      this.impactful.push(Math.round(density * size));
    }
  }
}

/** Index of the first element that is at least `value`. */
function lowerBound(ascending: Int32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
