/** The text of a sample: sentences of a stretch, and the token ids of those that are kept. */
import { firsts, ids, kept, lengths, parts, runEnds, runFirsts, runParts, sentences, starts, windowIds } from "./memory";

/**
 * Measures the sentences [from, from + count) of one part, whose first tokens are in `firsts`, with the end of the last
 * one behind them.
 * @param shift from a token's place in the document to its place in the window
 * @returns whether every one has 1 to `longest` tokens
 */
export function measure(from: i32, count: i32, part: i32, shift: i32, longest: i32): bool {
  let least = i32x4.splat(i32.MAX_VALUE);
  let most = i32x4.splat(0);
  const end = (<usize>(from + count)) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const first = v128.load(firsts + at);
    let length = i32x4.sub(v128.load(firsts + at, 4), first);
    v128.store(lengths + at, length);
    v128.store(starts + at, i32x4.add(first, i32x4.splat(shift)));
    v128.store(parts + at, i32x4.splat(part));
    // What lies behind the last one does not count.
    const rest = <i32>((end - at) >> 2);
    const counts = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(rest));
    least = i32x4.min_s(least, v128.bitselect(length, least, counts));
    most = i32x4.max_s(most, v128.bitselect(length, most, counts));
  }
  const good = v128.and(i32x4.gt_s(least, i32x4.splat(0)), i32x4.le_s(most, i32x4.splat(longest)));
  return i32x4.all_true(good);
}

let runCount: i32 = 0;

/** Runs of the last sample. */
export function runs(): i32 {
  return runCount;
}

/**
 * Puts the ids of the first `count` kept sentences one behind the other into `ids`, from token `at` on; tells where each
 * sentence begins in the sample, and the runs of neighbouring tokens.
 * @returns tokens
 */
export function gather(count: i32, at: i32): i32 {
  runCount = 0;
  const begin = ids + ((<usize>at) << 2);
  let to = begin;
  let run: usize = 0;
  let lastPart = -1;
  let lastEnd = -1;
  for (let place: usize = 0, end = (<usize>count) << 2; place < end; place += 4) {
    const sentence = (<usize>load<i32>(kept + place)) << 2;
    const first = load<i32>(firsts + sentence);
    const length = load<i32>(lengths + sentence);
    const part = load<i32>(parts + sentence);
    store<i32>(sentences + place, <i32>((to - begin) >> 2));
    // A sentence that goes on where the last one ended makes its run longer.
    if (part != lastPart || first != lastEnd) {
      store<i32>(runParts + run, part);
      store<i32>(runFirsts + run, first);
      run += 4;
    }
    lastPart = part;
    lastEnd = first + length;
    store<i32>(runEnds + run - 4, lastEnd);
    const bytes = (<usize>length) << 2;
    copy(windowIds + ((<usize>load<i32>(starts + sentence)) << 2), to, bytes);
    to += bytes;
  }
  runCount = <i32>(run >> 2);
  return <i32>((to - begin) >> 2);
}

/**
 * By 32 tokens, as many as most sentences have at most, so that its end can be foreseen. What it writes behind the end is
 * overwritten by what comes next, or lies in the slack.
 */
function copy(from: usize, to: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 128) {
    v128.store(to + at, v128.load(from + at));
    v128.store(to + at, v128.load(from + at, 16), 16);
    v128.store(to + at, v128.load(from + at, 32), 32);
    v128.store(to + at, v128.load(from + at, 48), 48);
    v128.store(to + at, v128.load(from + at, 64), 64);
    v128.store(to + at, v128.load(from + at, 80), 80);
    v128.store(to + at, v128.load(from + at, 96), 96);
    v128.store(to + at, v128.load(from + at, 112), 112);
  }
}
