/** Training samples: stretches of a corpus shortened to L tokens, with skipped positions. One sample in memory at a time. */
import { mixed, type Mixture } from "./mixture.js";
import { drawPlacement, type PositionOptions } from "./positions.js";
import { Random } from "./random.js";
import { SampleKernel } from "./kernel/sampleKernel.js";
import type { SelectionOrder } from "./select.js";
import { checkCorpusSize, drawStretches, planPass, type DocumentSize, type Weighed } from "./stretches.js";
import { shortenedText, wholeText, type Origins } from "./stretchText.js";

/** Random access to a tokenized corpus with its sentences. Documents are counted 0, 1, ... by their place in `sizes`. */
export interface SampleSource extends Weighed {
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
  /** Where ids and positions of samples stay until its `reset()` (`sampleKernel`); left out: fresh arrays. */
  readonly kernel?: SampleKernel | undefined;
}

/** Tokens in a sample: L, or T where every sentence is kept. */
function sampleLength({ positions, trainedLength }: Pick<SampleOptions, "positions" | "trainedLength">): number {
  return positions.strategy === "full" ? positions.targetLength : trainedLength;
}

/**
 * The kernel that samples with these options need.
 * @param batch tokens of samples that stay in its memory until `reset()`, and the sample that is the first to go beyond
 *   them; all others have arrays of their own
 * @returns to be released after use
 */
export function sampleKernel(options: Pick<SampleOptions, "positions" | "trainedLength">, batch = 0): SampleKernel {
  const length = sampleLength(options);
  // A stretch is at most a window of T or, where short documents were joined, T and one that is shorter than a sample.
  return SampleKernel.take(options.positions.targetLength + length, batch === 0 ? 0 : batch + length);
}

/**
 * Makes `samples` samples of at most L tokens (T for the strategy `full`, which keeps every sentence). The first pass
 * over the corpus keeps the best-ranked sentences; when more samples are asked for than one pass gives, later passes
 * draw sentences at random in proportion to their rank. Where a pass is not needed whole, stretches with more impactful
 * tokens are drawn more often. With a mixture, each source gives its share of the samples, and no sample mixes sources.
 * @throws UserError when the corpus, or a source with a weight, holds fewer tokens than one sample needs
 */
export function* extendSamples(source: SampleSource, options: SampleOptions): Generator<ExtendSample, void, undefined> {
  if (options.kernel !== undefined) {
    yield* made(source, options, options.kernel);
    return;
  }
  const kernel = sampleKernel(options);
  try {
    yield* made(source, options, kernel);
  } finally {
    kernel.release();
  }
}

function* made(source: SampleSource, options: SampleOptions, kernel: SampleKernel): Generator<ExtendSample, void, undefined> {
  const { mixture, samples } = options;
  if (mixture === undefined) {
    yield* passes(source, source.sizes, options, kernel, samples, "corpus", []);
    return;
  }
  let sample = 0;
  const parts = mixed(mixture.weights, samples, (part, count) => {
    const sizes = source.sizes.map((size, index) => (mixture.sourceOf(index) === part ? size : nothing));
    return passes(source, sizes, options, kernel, count, mixture.key(part), [part]);
  });
  for (const one of parts) yield { ...one, sample: sample++ };
}

const nothing: DocumentSize = { tokens: 0 };

/** @param sizes of the documents to use; documents without tokens are left out */
function* passes(
  source: SampleSource,
  sizes: readonly DocumentSize[],
  options: SampleOptions,
  kernel: SampleKernel,
  samples: number,
  key: string,
  labels: readonly number[],
): Generator<ExtendSample, void, undefined> {
  if (samples === 0) return;
  const { positions, seed, order, upsample } = options;
  const length = sampleLength(options);
  checkCorpusSize(sizes, length, key);
  for (let sample = 0, pass = 0; sample < samples; pass++) {
    const random = new Random(seed, "samples", ...labels, pass);
    const planned = planPass(sizes, { span: positions.targetLength, least: length }, random);
    const missing = samples - sample;
    const stretches = planned.length > missing ? drawStretches(planned, missing, source, random) : planned;
    for (const stretch of stretches) {
      const text =
        positions.strategy === "full"
          ? wholeText(source, stretch, length, kernel)
          : shortenedText(source, stretch, length, { order, upsample, strict: pass === 0 }, random, kernel);
      const { origins, sentences } = text;
      const placement = drawPlacement(text.length, sentences, positions, random, kernel.small);
      const { segments } = placement;
      const document = source.document(stretch[0]?.index ?? 0);
      yield { sample: sample++, document, ...kernel.finish(text.length, placement), segments, sentences, origins };
    }
  }
}
