/** The text of a stretch: shortened to the sentences that a sample keeps, or as it is. */
import { bisectLeft } from "d3-array";
import type { Random } from "./random.js";
import { Runs, type Origins } from "./runs.js";
import type { SampleKernel } from "./kernel/sampleKernel.js";
import type { SampleSource } from "./samples.js";
import { chooseRanked, chooseRun, type Ranking } from "./select.js";
import type { Stretch } from "./stretches.js";
import { StretchSentences } from "./stretchSentences.js";

export type { Origins };

/** A text whose ids are where the kernel has the sample in the making. */
export interface SampleText {
  /** Tokens. */
  readonly length: number;
  readonly origins: Origins;
  /** First token of each sentence, ascending from 0. */
  readonly sentences: Int32Array;
}

/** The first `length` tokens of a stretch, with the sentences in them. */
export function wholeText(source: SampleSource, stretch: Stretch, length: number, kernel: SampleKernel): SampleText {
  const runs = new Runs();
  const sentences: number[] = [0];
  let filled = 0;
  for (const [part, { index, first, end }] of stretch.entries()) {
    const stop = Math.min(end, first + length - filled);
    if (stop <= first) break;
    source.read(index, first, stop, kernel.ids, kernel.begin + filled);
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
  return { length: filled, sentences: Int32Array.from(sentences), origins };
}

/** At most `length` tokens of a stretch: whole sentences by rank, in the order of the text. */
export function shortenedText(
  source: SampleSource,
  stretch: Stretch,
  length: number,
  ranking: Ranking,
  random: Random,
  kernel: SampleKernel,
): SampleText {
  const found = new StretchSentences(kernel, Math.max(1, length >>> 1));
  let filled = 0;
  for (const [number, part] of stretch.entries()) {
    found.addPart(source, part, number, filled);
    source.read(part.index, part.first, part.end, kernel.window, filled);
    filled += part.end - part.first;
  }
  const kept =
    ranking.order === "coherent"
      ? keepRun(kernel, found.count, length, random)
      : chooseRanked(kernel, found.count, ranking, length, random);
  const text = kernel.gather(kept);
  return { ...text, origins: kernel.origins((part) => source.document(stretch[part]?.index ?? 0)) };
}

function keepRun(kernel: SampleKernel, count: number, budget: number, random: Random): number {
  const run = chooseRun(kernel.lengths.subarray(0, count), budget, random);
  kernel.kept.set(run);
  return run.length;
}
