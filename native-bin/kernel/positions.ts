/** Position indices of a sample. */
import { positions, segments, skips } from "./memory";

/**
 * Writes the positions of a sample, from token `at` of the column on: each token's place in the sample plus the skip of
 * its segment.
 * @param length tokens in the sample
 * @param count segments; their first tokens are in `segments`, their skips in `skips`
 */
export function place(length: i32, count: i32, at: i32): void {
  const begin = positions + ((<usize>at) << 2);
  store<i32>(segments + ((<usize>count) << 2), length);
  for (let segment: usize = 0, last = (<usize>count) << 2; segment < last; segment += 4) {
    const first = load<i32>(segments + segment);
    let value = i32x4.add(i32x4.splat(first + load<i32>(skips + segment)), i32x4(0, 1, 2, 3));
    const end = begin + ((<usize>load<i32>(segments + segment, 4)) << 2);
    // By whole vectors: what is written behind the end is overwritten by the next segment, or lies in the slack.
    for (let to = begin + ((<usize>first) << 2); to < end; to += 32) {
      v128.store(to, value);
      v128.store(to, i32x4.add(value, i32x4.splat(4)), 16);
      value = i32x4.add(value, i32x4.splat(8));
    }
  }
}
