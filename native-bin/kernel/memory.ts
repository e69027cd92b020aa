/**
 * The kernel's memory: columns of fixed capacity, one behind the other, laid out once. It never grows after that, so that
 * views of it stay valid on the side of JavaScript. Pages that nothing touches cost nothing.
 *
 * Every column begins at 16 bytes and ends with slack: loops go by whole vectors and may write beyond what is asked for.
 */

const slack: usize = 128;

/** Buckets of the ranking. */
export const buckets: i32 = 1024;

/** Token ids of the stretch that a sample is made from. */
export let windowIds: usize = 0;

// By sentence of the stretch.
/** First token, counted in the window. */
export let starts: usize = 0;
/** First token, counted in the document. */
export let firsts: usize = 0;
/** Number of the part of the stretch. */
export let parts: usize = 0;
export let lengths: usize = 0;
export let impactful: usize = 0;
/** Float64: what ranks it, high first; -Infinity: behind all others, by their ties. */
export let keys: usize = 0;
/** Float64: draws in [0, 1) that break ties. */
export let ties: usize = 0;
/** Float64: what spreads a group of sentences over buckets. */
export let scale: usize = 0;
export let places: usize = 0;
/** -1 for a sentence that is taken, 0 for another. */
export let taken: usize = 0;
/** Sentence numbers at the border. */
export let items: usize = 0;

/** Sentence numbers that a sample keeps, ascending. */
export let kept: usize = 0;

// By kept sentence: first token in the sample.
export let sentences: usize = 0;

// By run of neighbouring tokens in a sample.
export let runParts: usize = 0;
export let runFirsts: usize = 0;
export let runEnds: usize = 0;

// By segment of a sample.
export let segments: usize = 0;
export let skips: usize = 0;

/** Samples, one behind the other. */
export let ids: usize = 0;
export let positions: usize = 0;

/** Arrays of finished samples that have an element a sentence. */
export let small: usize = 0;

/** Tokens by bucket; the last: sentences that are in none. */
export let bucketTokens: usize = 0;

let end: usize = __heap_base;

/** Room for a column. */
export function column(bytes: usize): usize {
  const at = (end + 15) & ~15;
  end = at + bytes + slack;
  return at;
}

/**
 * Lays out the columns for samples. To be called once.
 * @param tokens most tokens, and so most sentences, in a stretch
 * @param room tokens in finished samples that are kept until they are written
 */
export function layOutSamples(tokens: i32, room: i32): void {
  const count = <usize>tokens;
  windowIds = column(count * 4);
  starts = column(count * 4);
  firsts = column(count * 4);
  parts = column(count * 4);
  lengths = column(count * 4);
  impactful = column(count * 4);
  keys = column(count * 8);
  ties = column(count * 8);
  scale = column(count * 8);
  places = column(count * 4);
  taken = column(count * 4);
  items = column(count * 4);
  kept = column(count * 4);
  sentences = column(count * 4);
  runParts = column(count * 4);
  runFirsts = column(count * 4);
  runEnds = column(count * 4);
  segments = column(count * 4);
  skips = column(count * 4);
  bucketTokens = column((buckets + 1) * 4);
  small = column(<usize>room * 4);
  ids = column((<usize>room + count) * 4);
  positions = column((<usize>room + count) * 4);
  grow();
}

/** Makes the memory as large as the columns need. */
export function grow(): void {
  const missing = <i32>((end + 0xffff) >>> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
}
