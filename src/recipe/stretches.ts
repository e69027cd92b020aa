/**
 * Stretches: the parts of a corpus that samples are made from. A stretch is about T tokens of text to be shortened to
 * L: a whole document, a window of a long one, or several short ones joined.
 */
import { exitCode, UserError } from "../protocol/errors.js";
import type { Random } from "./random.js";

/** Size of a document of a corpus. */
export interface DocumentSize {
  readonly tokens: number;
}

/** Sizes of the documents of a corpus, and how many impactful tokens each holds. */
export interface Weighed {
  readonly sizes: readonly DocumentSize[];
  /** Impactful tokens of a document; 0 where nothing was scored. */
  impactful(index: number): number;
}

/** Tokens [first, end) of the document at `index` in the corpus. */
export interface StretchPart {
  readonly index: number;
  readonly first: number;
  readonly end: number;
}
export type Stretch = readonly StretchPart[];

export interface StretchOptions {
  /** Tokens wanted in a stretch: T. */
  readonly span: number;
  /** Tokens needed in a stretch: L. */
  readonly least: number;
}

/**
 * @param key key path of the corpus, or of one source of it, in the recipe
 * @throws UserError when it holds fewer tokens than one sample
 */
export function checkCorpusSize(sizes: readonly DocumentSize[], least: number, key = "corpus"): void {
  const total = sizes.reduce((sum, { tokens }) => sum + tokens, 0);
  if (total >= least) return;
  const documents = sizes.filter(({ tokens }) => tokens > 0).length;
  throw new UserError(
    "corpus-too-short",
    `${key === "corpus" ? "The corpus" : `The source ${key}`} holds ${total} tokens in ${documents} documents; one training sample needs ${least}.`,
    "Add text to the corpus, or choose a smaller trainedLength.",
    exitCode.badInput,
    [{ path: `${key}.include`, message: `${total} tokens; at least ${least} are needed` }],
  );
}

/**
 * One pass over a corpus: every document once, in random order. Documents longer than the span are cut into windows
 * that begin at a random place, so that no two passes cut alike; documents shorter than `least` are joined with each
 * other in random order. A last group of short ones that stays below `least` sits this pass out.
 */
export function planPass(sizes: readonly DocumentSize[], options: StretchOptions, random: Random): Stretch[] {
  const { span, least } = options;
  const stretches: Stretch[] = [];
  const short: number[] = [];
  sizes.forEach(({ tokens }, index) => {
    if (tokens === 0) return;
    if (tokens < least) short.push(index);
    else if (tokens <= span) stretches.push([{ index, first: 0, end: tokens }]);
    else {
      const windows = Math.floor(tokens / span);
      const phase = random.integer(0, tokens - windows * span);
      for (let window = 0; window < windows; window++) {
        const first = phase + window * span;
        stretches.push([{ index, first, end: first + span }]);
      }
    }
  });
  stretches.push(...joinShort(random.shuffle(short), sizes, options));
  return random.shuffle(stretches);
}

function joinShort(short: readonly number[], sizes: readonly DocumentSize[], { span, least }: StretchOptions): Stretch[] {
  const joined: Stretch[] = [];
  let group: StretchPart[] = [];
  let tokens = 0;
  for (const index of short) {
    const end = sizes[index]?.tokens ?? 0;
    group.push({ index, first: 0, end });
    tokens += end;
    if (tokens >= span) {
      joined.push(group);
      group = [];
      tokens = 0;
    }
  }
  if (tokens >= least) joined.push(group);
  return joined;
}

/** Impactful tokens that a stretch can be expected to hold, plus one so that no stretch is out of reach. */
function stretchWeight(stretch: Stretch, corpus: Weighed): number {
  let weight = 1;
  for (const { index, first, end } of stretch) {
    const tokens = corpus.sizes[index]?.tokens ?? 0;
    if (tokens > 0) weight += (corpus.impactful(index) * (end - first)) / tokens;
  }
  return weight;
}

/** Draws `count` stretches without replacement, those with more impactful tokens more often, in the order drawn. */
export function drawStretches(stretches: readonly Stretch[], count: number, corpus: Weighed, random: Random): Stretch[] {
  const keyed = stretches.map((stretch) => ({ stretch, key: Math.log1p(-random.unit()) / stretchWeight(stretch, corpus) }));
  keyed.sort((a, b) => b.key - a.key);
  return keyed.slice(0, count).map(({ stretch }) => stretch);
}
