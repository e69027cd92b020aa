/** Training samples: stretches of a corpus shortened to L tokens, with skipped positions. One sample in memory at a time. */
import { drawPositions, type PositionOptions } from "./positions.js";
import { Random } from "./random.js";
import { chooseSentences, rankSentences, type SelectionOrder } from "./select.js";
import { checkCorpusSize, drawStretches, planPass, type DocumentSize, type Stretch, type StretchPart } from "./stretches.js";

/** Random access to a tokenized corpus with its sentences. Documents are counted 0, 1, ... by their place in `sizes`. */
export interface SampleSource {
  readonly sizes: readonly DocumentSize[];
  /** The document's number in the tables. */
  document(index: number): number;
  /** Token ids [first, end) of a document. */
  ids(index: number, first: number, end: number): Int32Array;
  /** First token of each sentence of a document, and its impactful tokens. */
  sentences(index: number): { readonly first: Int32Array; readonly impactful: Int32Array };
}

export interface Sample {
  readonly sample: number;
  /** Number of the (first) document it comes from. */
  readonly document: number;
  readonly ids: Int32Array;
  readonly positions: Int32Array;
  readonly segments: Int32Array;
}

export interface SampleOptions {
  readonly samples: number;
  /** L. */
  readonly trainedLength: number;
  readonly order: SelectionOrder;
  readonly positions: PositionOptions;
  readonly seed: number;
}

/**
 * Makes `samples` samples of at most L tokens (T for the strategy `full`, which keeps every sentence). The first pass
 * over the corpus keeps the best-ranked sentences; when more samples are asked for than one pass gives, later passes
 * draw sentences at random in proportion to their rank. Where a pass is not needed whole, stretches with more impactful
 * tokens are drawn more often.
 * @throws UserError when the corpus holds fewer tokens than one sample needs
 */
export function* extendSamples(source: SampleSource, options: SampleOptions): Generator<Sample, void, undefined> {
  const { positions, seed } = options;
  const full = positions.strategy === "full";
  const length = full ? positions.targetLength : options.trainedLength;
  checkCorpusSize(source.sizes, length);
  for (let sample = 0, pass = 0; sample < options.samples; pass++) {
    const random = new Random(seed, "samples", pass);
    const planned = planPass(source.sizes, { span: positions.targetLength, least: length }, random);
    const missing = options.samples - sample;
    const stretches = planned.length > missing ? drawStretches(planned, missing, source.sizes, random) : planned;
    for (const stretch of stretches) {
      const text = full ? wholeText(source, stretch, length) : shortenedText(source, stretch, length, options.order, pass === 0, random);
      const placed = drawPositions(text.ids.length, text.sentences, positions, random);
      yield { sample: sample++, document: source.document(stretch[0]?.index ?? 0), ids: text.ids, ...placed };
    }
  }
}

interface SampleText {
  readonly ids: Int32Array;
  /** First token of each sentence, ascending from 0. */
  readonly sentences: Int32Array;
}

function wholeText(source: SampleSource, stretch: Stretch, length: number): SampleText {
  const ids = new Int32Array(length);
  let filled = 0;
  for (const { index, first, end } of stretch) {
    const part = source.ids(index, first, Math.min(end, first + length - filled));
    ids.set(part, filled);
    filled += part.length;
  }
  return { ids: ids.slice(0, filled), sentences: Int32Array.of(0) };
}

function shortenedText(
  source: SampleSource,
  stretch: Stretch,
  length: number,
  order: SelectionOrder,
  strict: boolean,
  random: Random,
): SampleText {
  const { parts, firsts, lengths, impactful } = stretchSentences(source, stretch);
  const kept = chooseSentences(lengths, rankSentences(lengths, impactful, order, strict, random), length);
  if (kept.length === 0) {
    // Not one sentence fits: the longest piece of one that does.
    const part = stretch[parts[0] ?? 0];
    const first = firsts[0] ?? 0;
    return { ids: source.ids(part?.index ?? 0, first, first + length), sentences: Int32Array.of(0) };
  }
  const total = kept.reduce((sum, sentence) => sum + (lengths[sentence] ?? 0), 0);
  const ids = new Int32Array(total);
  const sentences = new Int32Array(kept.length);
  let filled = 0;
  let loaded = -1;
  let loadedIds = new Int32Array(0);
  kept.forEach((sentence, order_) => {
    const partNumber = parts[sentence] ?? 0;
    const part = stretch[partNumber];
    if (part === undefined) return;
    if (partNumber !== loaded) {
      loadedIds = source.ids(part.index, part.first, part.end) as Int32Array<ArrayBuffer>;
      loaded = partNumber;
    }
    const first = (firsts[sentence] ?? 0) - part.first;
    sentences[order_] = filled;
    ids.set(loadedIds.subarray(first, first + (lengths[sentence] ?? 0)), filled);
    filled += lengths[sentence] ?? 0;
  });
  return { ids, sentences };
}

/** Sentences of a stretch; those that its borders cut are left out, unless none is whole. */
function stretchSentences(source: SampleSource, stretch: Stretch) {
  const parts: number[] = [];
  const firsts: number[] = [];
  const lengths: number[] = [];
  const impactful: number[] = [];
  stretch.forEach((part, partNumber) => {
    const found = partSentences(source, part, false);
    for (const sentence of found.length > 0 ? found : partSentences(source, part, true)) {
      parts.push(partNumber);
      firsts.push(sentence.first);
      lengths.push(sentence.end - sentence.first);
      impactful.push(sentence.impactful);
    }
  });
  return { parts, firsts, lengths: Int32Array.from(lengths), impactful: Int32Array.from(impactful) };
}

function partSentences(source: SampleSource, part: StretchPart, clip: boolean) {
  const { first, impactful } = source.sentences(part.index);
  const size = source.sizes[part.index]?.tokens ?? 0;
  const found: { first: number; end: number; impactful: number }[] = [];
  for (let sentence = Math.max(0, lowerBound(first, part.first) - 1); sentence < first.length; sentence++) {
    const start = first[sentence] ?? 0;
    const end = first[sentence + 1] ?? size;
    if (start >= part.end) break;
    const whole = start >= part.first && end <= part.end;
    if (whole || (clip && end > part.first)) {
      found.push({ first: Math.max(start, part.first), end: Math.min(end, part.end), impactful: impactful[sentence] ?? 0 });
    }
  }
  return found;
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
