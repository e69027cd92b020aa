/** The text of a stretch: shortened to the sentences that a sample keeps, or as it is. */
import { bisectLeft } from "d3-array";
import type { Allocator } from "./arena.js";
import type { Random } from "./random.js";
import type { SampleSource } from "./samples.js";
import { Runs, type Origins } from "./runs.js";
import { chooseRanked, chooseRun, type Ranking } from "./select.js";
import type { Stretch } from "./stretches.js";
import { StretchSentences } from "./stretchSentences.js";
import { RankMemory } from "./takeRanked.js";

export type { Origins };

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
  readonly ranks = new RankMemory();
  readonly runs = new Runs();

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
  for (const [part, { index, first, end }] of stretch.entries()) {
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
    runs.add(part, first, stop - first);
  }
  const origins = runs.origins((part) => source.document(stretch[part]?.index ?? 0));
  return { ids, sentences: Int32Array.from(sentences), origins };
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
  const impactful = found.impactful.subarray(0, found.count);
  const kept =
    ranking.order === "coherent"
      ? chooseRun(lengths, length, random)
      : chooseRanked(lengths, impactful, ranking, length, random, scratch.ranks);
  const loaded = scratch.reserve(tokens);
  stretch.forEach(({ index, first, end }, part) => source.read(index, first, end, loaded, offsets[part] ?? 0));
  const sentences = new Int32Array(kept.length);
  const { runs } = scratch;
  runs.reset();
  let size = 0;
  for (let place = 0; place < kept.length; place++) {
    const sentence = kept[place] ?? 0;
    sentences[place] = size;
    size += lengths[sentence] ?? 0;
    runs.add(found.parts[sentence] ?? 0, found.firsts[sentence] ?? 0, lengths[sentence] ?? 0);
  }
  const ids = scratch.memory.take(size);
  let filled = 0;
  for (let run = 0; run < runs.count; run++) {
    const part = runs.part[run] ?? 0;
    const first = runs.first[run] ?? 0;
    const from = (offsets[part] ?? 0) + first - (stretch[part]?.first ?? 0);
    filled = copy(loaded, from, (runs.end[run] ?? 0) - first, ids, filled);
  }
  return { ids, sentences, origins: runs.origins((part) => source.document(stretch[part]?.index ?? 0)) };
}

/**
 * A loop: for the few tokens of a run a call of `set` costs more than they do. Eight at a time, so that the loop's own
 * checks do not cost as much as the copying.
 * @returns where the copy ends
 */
function copy(source: Int32Array, from: number, count: number, target: Int32Array, at: number): number {
  const shift = from - at;
  const end = at + count;
  let to = at;
  for (const last = end - 8; to <= last; to += 8) {
    target[to] = source[to + shift] ?? 0;
    target[to + 1] = source[to + shift + 1] ?? 0;
    target[to + 2] = source[to + shift + 2] ?? 0;
    target[to + 3] = source[to + shift + 3] ?? 0;
    target[to + 4] = source[to + shift + 4] ?? 0;
    target[to + 5] = source[to + shift + 5] ?? 0;
    target[to + 6] = source[to + shift + 6] ?? 0;
    target[to + 7] = source[to + shift + 7] ?? 0;
  }
  for (; to < end; to++) target[to] = source[to + shift] ?? 0;
  return end;
}
