/** The text of a stretch: shortened to the sentences that a sample keeps, or as it is. */
import { bisectLeft } from "d3-array";
import type { Allocator } from "./arena.js";
import type { Random } from "./random.js";
import type { SampleSource } from "./samples.js";
import { chooseRanked, chooseRun, type Ranking } from "./select.js";
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

/** Memory that is used again for every sample of one pass. */
export class TextScratch {
  /** Token ids of a stretch. */
  ids = new Int32Array(0);
  readonly sentences = new StretchSentences();

  /** @param memory where the ids of samples come from */
  constructor(readonly memory: Allocator) {}

  /** Room for `tokens` ids; what was in it is lost. */
  reserve(tokens: number): Int32Array {
    if (this.ids.length < tokens) this.ids = new Int32Array(tokens);
    return this.ids;
  }
}

/** The first `length` tokens of a stretch, with the sentences in them. */
export function wholeText(source: SampleSource, stretch: Stretch, length: number, memory: Allocator): SampleText {
  const total = stretch.reduce((sum, { first, end }) => sum + end - first, 0);
  const ids = memory.take(Math.min(length, total));
  const runs = new Runs();
  const sentences: number[] = [0];
  let filled = 0;
  for (const { index, first, end } of stretch) {
    const stop = Math.min(end, first + length - filled);
    if (stop <= first) break;
    source.read(index, first, stop, ids, filled);
    const starts = source.sentences(index).first;
    for (let sentence = bisectLeft(starts, first); sentence < starts.length; sentence++) {
      const start = starts[sentence] ?? 0;
      if (start >= stop) break;
      if (filled + start - first > 0) sentences.push(filled + start - first);
    }
    filled += stop - first;
    runs.add(source.document(index), first, stop);
  }
  return { ids, sentences: Int32Array.from(sentences), origins: runs.origins() };
}

/** At most `length` tokens of a stretch: whole sentences by rank, in the order of the text. */
export function shortenedText(
  source: SampleSource,
  stretch: Stretch,
  length: number,
  ranking: Ranking,
  random: Random,
  scratch: TextScratch,
): SampleText {
  const found = scratch.sentences;
  found.reset(Math.max(1, length >>> 1));
  let tokens = 0;
  const offsets = stretch.map((part, partNumber) => {
    found.addPart(source, part, partNumber);
    const offset = tokens;
    tokens += part.end - part.first;
    return offset;
  });
  const lengths = found.lengths.subarray(0, found.count);
  const kept =
    ranking.order === "coherent"
      ? chooseRun(lengths, length, random)
      : chooseRanked(lengths, found.impactful.subarray(0, found.count), ranking, length, random);
  const loaded = scratch.reserve(tokens);
  stretch.forEach(({ index, first, end }, part) => source.read(index, first, end, loaded, offsets[part] ?? 0));
  let size = 0;
  for (const sentence of kept) size += lengths[sentence] ?? 0;
  const ids = scratch.memory.take(size);
  const sentences = new Int32Array(kept.length);
  const runs = new Runs();
  let filled = 0;
  for (let place = 0; place < kept.length; place++) {
    const sentence = kept[place] ?? 0;
    const part = found.parts[sentence] ?? 0;
    const first = found.firsts[sentence] ?? 0;
    const tokens = lengths[sentence] ?? 0;
    const at = (offsets[part] ?? 0) + first - (stretch[part]?.first ?? 0);
    sentences[place] = filled;
    // A loop: for a sentence's few tokens a call of `set` costs more than they do.
    for (let token = 0; token < tokens; token++) ids[filled + token] = loaded[at + token] ?? 0;
    filled += tokens;
    runs.add(source.document(stretch[part]?.index ?? 0), first, first + tokens);
  }
  return { ids, sentences, origins: runs.origins() };
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
      if (whole || (clip && end > part.first)) {
        this.add(partNumber, Math.max(start, part.first), Math.min(end, part.end), (impactful[sentence] ?? 0) / (end - start));
      }
    }
  }

  private add(part: number, first: number, end: number, density: number): void {
    for (let start = first; start < end; start += this.longest) {
      const size = Math.min(this.longest, end - start);
      if (this.count === this.parts.length) this.grow();
      const at = this.count++;
      this.parts[at] = part;
      this.firsts[at] = start;
      this.lengths[at] = size;
      this.impactful[at] = Math.round(density * size);
    }
  }

  private grow(): void {
    for (const name of ["parts", "firsts", "lengths", "impactful"] as const) {
      const larger = new Int32Array(this.count * 2);
      larger.set(this[name]);
      this[name] = larger;
    }
  }
}
