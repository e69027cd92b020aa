/** Replay samples: general data at plain positions, whole documents packed together. */
import { exitCode, UserError } from "../protocol/errors.js";
import { mixed, type Mixture } from "./mixture.js";
import { Random } from "./random.js";
import type { Sample, SampleSource } from "./samples.js";
import type { Origins } from "./stretchText.js";

/** A sample for replay, with where it comes from. */
export interface ReplaySample extends Sample {
  readonly origins: Origins;
}

export interface ReplayOptions {
  readonly samples: number;
  /** Most tokens in a sample. */
  readonly length: number;
  readonly seed: number;
  /** Sources and their weights; left out: the corpus is one. */
  readonly mixture?: Mixture | undefined;
}

/**
 * Makes `samples` samples of at most `length` tokens. Documents come in random order, pass after pass; each sample takes
 * whole documents while they fit; a longer document is cut into pieces of `length`. With a mixture, each source gives
 * its share of the samples.
 * @throws UserError when the corpus, or a source with a weight, holds no tokens
 */
export function* replaySamples(
  source: Pick<SampleSource, "sizes" | "document" | "read">,
  options: ReplayOptions,
): Generator<ReplaySample, void, undefined> {
  const { samples, mixture } = options;
  const every = source.sizes.map((_, index) => index);
  if (mixture === undefined) {
    yield* packed(source, every, options, samples, "replay.corpus", []);
    return;
  }
  let sample = 0;
  const parts = mixed(mixture.weights, samples, (part, count) => {
    const own = every.filter((index) => mixture.sourceOf(index) === part);
    return packed(source, own, options, count, mixture.key(part), [part]);
  });
  for (const made of parts) yield { ...made, sample: sample++ };
}

/** @param indices documents to take */
function* packed(
  source: Pick<SampleSource, "sizes" | "document" | "read">,
  indices: readonly number[],
  { length, seed }: ReplayOptions,
  samples: number,
  key: string,
  labels: readonly number[],
): Generator<ReplaySample, void, undefined> {
  if (samples === 0) return;
  if (indices.every((index) => source.sizes[index]?.tokens === 0)) {
    throw new UserError("replay-empty", "The replay corpus holds no tokens.", `Choose other files in ${key}.`, exitCode.badInput, [
      { path: key, message: "no tokens" },
    ]);
  }
  const buffer = new Int32Array(length);
  let filled = 0;
  let document = 0;
  let sample = 0;
  let parts: { readonly document: number; readonly first: number; readonly end: number }[] = [];
  const take = (): ReplaySample => {
    const ids = buffer.slice(0, filled);
    const column = (name: "document" | "first" | "end"): Int32Array => Int32Array.from(parts, (part) => part[name]);
    const origins = { document: column("document"), first: column("first"), end: column("end") };
    filled = 0;
    parts = [];
    return { sample: sample++, document, ids, positions: ids.map((_, token) => token), segments: Int32Array.of(0), origins };
  };
  for (let pass = 0; ; pass++) {
    for (const index of new Random(seed, "replay", ...labels, pass).shuffle([...indices])) {
      const tokens = source.sizes[index]?.tokens ?? 0;
      for (let first = 0; first < tokens; first += length) {
        const end = Math.min(tokens, first + length);
        if (filled + end - first > length) {
          // A lone token, the rest of a cut document, predicts nothing: it makes way.
          if (filled < 2) {
            filled = 0;
            parts = [];
          } else yield take();
          if (sample === samples) return;
        }
        if (filled === 0) document = source.document(index);
        source.read(index, first, end, buffer, filled);
        parts.push({ document: source.document(index), first, end });
        filled += end - first;
      }
    }
  }
}
