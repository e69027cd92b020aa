/** Training samples: stretches of a corpus shortened to L tokens, with skipped positions. One sample in memory at a time. */
import { freshMemory, type SampleMemory } from "./arena.js";
import { mixed, type Mixture } from "./mixture.js";
import { drawPositions, type PositionOptions } from "./positions.js";
import { Random } from "./random.js";
import type { SelectionOrder } from "./select.js";
import { checkCorpusSize, drawStretches, planPass, type DocumentSize } from "./stretches.js";
import { shortenedText, TextScratch, wholeText, type Origins } from "./stretchText.js";

/** Random access to a tokenized corpus with its sentences. Documents are counted 0, 1, ... by their place in `sizes`. */
export interface SampleSource {
  readonly sizes: readonly DocumentSize[];
  /** The document's number in the tables. */
  document(index: number): number;
  /** Puts the token ids [first, end) of a document into `target` from place `at` on. */
  read(index: number, first: number, end: number, target: Int32Array, at: number): void;
  /** First token of each sentence of a document, and its impactful tokens. Valid until the next call. */
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
  /** First token of each sentence, ascending from 0. */
  readonly sentences: Int32Array;
  readonly origins: Origins;
}

export interface SampleOptions {
  readonly samples: number;
  /** L. */
  readonly trainedLength: number;
  readonly order: SelectionOrder;
  readonly upsample?: number | undefined;
  /** Sources and their weights; left out: the corpus is one. */
  readonly mixture?: Mixture | undefined;
  readonly positions: PositionOptions;
  readonly seed: number;
  /** Where ids and positions of samples come from; left out: fresh arrays. */
  readonly memory?: SampleMemory | undefined;
}

/**
 * Makes `samples` samples of at most L tokens (T for the strategy `full`, which keeps every sentence). The first pass
 * over the corpus keeps the best-ranked sentences; when more samples are asked for than one pass gives, later passes
 * draw sentences at random in proportion to their rank. Where a pass is not needed whole, stretches with more impactful
 * tokens are drawn more often. With a mixture, each source gives its share of the samples, and no sample mixes sources.
 * @throws UserError when the corpus, or a source with a weight, holds fewer tokens than one sample needs
 */
export function* extendSamples(source: SampleSource, options: SampleOptions): Generator<ExtendSample, void, undefined> {
  const { mixture, samples } = options;
  if (mixture === undefined) {
    yield* passes(source, source.sizes, options, samples, "corpus", []);
    return;
  }
  let sample = 0;
  const parts = mixed(mixture.weights, samples, (part, count) => {
    const sizes = source.sizes.map((size, index) => (mixture.sourceOf(index) === part ? size : nothing));
    return passes(source, sizes, options, count, mixture.key(part), [part]);
  });
  for (const made of parts) yield { ...made, sample: sample++ };
}

const nothing: DocumentSize = { tokens: 0, impactful: 0 };

/** @param sizes of the documents to use; documents without tokens are left out */
function* passes(
  source: SampleSource,
  sizes: readonly DocumentSize[],
  options: SampleOptions,
  samples: number,
  key: string,
  labels: readonly number[],
): Generator<ExtendSample, void, undefined> {
  if (samples === 0) return;
  const { positions, seed, order, upsample, memory = freshMemory } = options;
  const full = positions.strategy === "full";
  const length = full ? positions.targetLength : options.trainedLength;
  checkCorpusSize(sizes, length, key);
  const scratch = new TextScratch(memory.ids);
  for (let sample = 0, pass = 0; sample < samples; pass++) {
    const random = new Random(seed, "samples", ...labels, pass);
    const planned = planPass(sizes, { span: positions.targetLength, least: length }, random);
    const missing = samples - sample;
    const stretches = planned.length > missing ? drawStretches(planned, missing, sizes, random) : planned;
    for (const stretch of stretches) {
      const text = full
        ? wholeText(source, stretch, length, memory.ids)
        : shortenedText(source, stretch, length, { order, upsample, strict: pass === 0 }, random, scratch);
      const placed = drawPositions(text.ids.length, text.sentences, positions, random, memory.positions);
      yield { sample: sample++, document: source.document(stretch[0]?.index ?? 0), ...text, ...placed };
    }
  }
}
