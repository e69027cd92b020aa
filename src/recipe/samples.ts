/** Training samples: stretches of a corpus shortened to L tokens, with skipped positions. One sample in memory at a time. */
import { drawPositions, type PositionOptions } from "./positions.js";
import { Random } from "./random.js";
import type { SelectionOrder } from "./select.js";
import { checkCorpusSize, drawStretches, planPass, type DocumentSize } from "./stretches.js";
import { shortenedText, wholeText, type Origins } from "./stretchText.js";

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

/** A sample for the extension, with where it comes from. */
export interface ExtendSample extends Sample {
  readonly origins: Origins;
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
export function* extendSamples(source: SampleSource, options: SampleOptions): Generator<ExtendSample, void, undefined> {
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
      yield { sample: sample++, document: source.document(stretch[0]?.index ?? 0), ids: text.ids, ...placed, origins: text.origins };
    }
  }
}
