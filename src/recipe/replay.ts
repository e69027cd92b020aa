/** Replay samples: general data at plain positions, whole documents packed together. */
import { exitCode, UserError } from "../protocol/errors.js";
import { Random } from "./random.js";
import type { Sample, SampleSource } from "./samples.js";

/**
 * Makes `samples` samples of at most `length` tokens. Documents come in random order, pass after pass; each sample takes
 * whole documents while they fit; a longer document is cut into pieces of `length`.
 * @throws UserError when the corpus is empty
 */
export function* replaySamples(
  source: Pick<SampleSource, "sizes" | "document" | "read">,
  options: { readonly samples: number; readonly length: number; readonly seed: number },
): Generator<Sample, void, undefined> {
  const { samples, length, seed } = options;
  if (source.sizes.every(({ tokens }) => tokens === 0)) {
    throw new UserError("replay-empty", "The replay corpus holds no tokens.", "Choose other files in replay.corpus.", exitCode.badInput, [
      { path: "replay.corpus", message: "no tokens" },
    ]);
  }
  const buffer = new Int32Array(length);
  let filled = 0;
  let document = 0;
  let sample = 0;
  const take = (): Sample => {
    const ids = buffer.slice(0, filled);
    filled = 0;
    return { sample: sample++, document, ids, positions: ids.map((_, token) => token), segments: Int32Array.of(0) };
  };
  for (let pass = 0; ; pass++) {
    for (const index of new Random(seed, "replay", pass).shuffle(source.sizes.map((_, at) => at))) {
      const tokens = source.sizes[index]?.tokens ?? 0;
      for (let first = 0; first < tokens; first += length) {
        const end = Math.min(tokens, first + length);
        if (filled + end - first > length) {
          // A lone token, the rest of a cut document, predicts nothing: it makes way.
          if (filled < 2) filled = 0;
          else yield take();
          if (sample === samples) return;
        }
        if (filled === 0) document = source.document(index);
        source.read(index, first, end, buffer, filled);
        filled += end - first;
      }
    }
  }
}
