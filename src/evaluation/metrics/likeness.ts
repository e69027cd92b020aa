/**
 * Likeness of two texts as Python's difflib.SequenceMatcher measures it (Ratcliff and Obershelp): 2 M / (a + b), M being the
 * characters in matching blocks. `fuzzywuzzy`, which LongBench scores code with, takes it unless python-Levenshtein is
 * installed too, which neither LongBench's nor lm-evaluation-harness's requirements name.
 */

/** Texts of at least this many characters have their most frequent ones left out of the search, as difflib does it. */
const longText = 200;

interface Range {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

/** @returns 0 to 1; two empty texts are alike */
export function sequenceRatio(first: string, second: string): number {
  const a = Array.from(first);
  const b = Array.from(second);
  if (a.length + b.length === 0) return 1;
  const places = placesOf(b);
  let matched = 0;
  const open: Range[] = [{ fromA: 0, toA: a.length, fromB: 0, toB: b.length }];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const block = longestBlock(a, b, places, range);
    if (block.size === 0) continue;
    matched += block.size;
    open.push({ ...range, toA: block.a, toB: block.b });
    open.push({ ...range, fromA: block.a + block.size, fromB: block.b + block.size });
  }
  return (2 * matched) / (a.length + b.length);
}

/** fuzzywuzzy's `ratio` as a share: rounded to hundredths (half to even), 0 where one text is empty and the other is not. */
export function fuzzyRatio(first: string, second: string): number {
  if (first === second) return 1;
  if (first === "" || second === "") return 0;
  const hundredths = 100 * sequenceRatio(first, second);
  const below = Math.floor(hundredths);
  const half = hundredths - below === 0.5;
  return (half ? below + (below % 2) : Math.round(hundredths)) / 100;
}

function placesOf(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  b.forEach((character, at) => {
    const known = places.get(character);
    if (known === undefined) places.set(character, [at]);
    else known.push(at);
  });
  if (b.length >= longText) {
    const often = Math.floor(b.length / 100) + 1;
    for (const [character, found] of places) if (found.length > often) places.delete(character);
  }
  return places;
}

/** The longest block within a range, the earliest in `a`, then in `b`; lengthened by characters that the search left out. */
function longestBlock(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  { fromA, toA, fromB, toB }: Range,
): { a: number; b: number; size: number } {
  let best = { a: fromA, b: fromB, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = fromA; i < toA; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? "") ?? []) {
      if (j < fromB) continue;
      if (j >= toB) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  while (best.a > fromA && best.b > fromB && a[best.a - 1] === b[best.b - 1]) best = { a: best.a - 1, b: best.b - 1, size: best.size + 1 };
  while (best.a + best.size < toA && best.b + best.size < toB && a[best.a + best.size] === b[best.b + best.size]) {
    best = { ...best, size: best.size + 1 };
  }
  return best;
}
