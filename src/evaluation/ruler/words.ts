/** RULER's words: six million keys "adjective-noun" without holding them, and the list of the common words task. */
import { PythonRandom } from "./pythonRandom.js";
import { adjectives, nouns, verbs } from "./wonderwords.js";

/** In Python's order of strings, which for these ASCII words is JavaScript's. */
function sortedSet(words: readonly string[]): string[] {
  return [...new Set(words)].sort();
}

const sortedNouns = sortedSet(nouns);

/**
 * The sorted list of all keys, in blocks: the nouns of one adjective stand together, unless its words are the beginning
 * of another's ("blue", "blue-eyed"); those are written out.
 */
const blocks = keyBlocks();

function keyBlocks(): { first: number; prefix: string; words: readonly string[] }[] {
  const found: { first: number; prefix: string; words: readonly string[] }[] = [];
  let first = 0;
  const prefixes = sortedSet(adjectives.map((adjective) => `${adjective}-`));
  for (let at = 0; at < prefixes.length;) {
    const prefix = prefixes[at] ?? "";
    let end = at + 1;
    while (prefixes[end]?.startsWith(prefix)) end++;
    const group = prefixes.slice(at, end);
    const alone = group.length === 1;
    const words = alone ? sortedNouns : sortedSet(group.flatMap((start) => sortedNouns.map((noun) => start + noun)));
    found.push({ first, prefix: alone ? prefix : "", words });
    first += words.length;
    at = end;
  }
  return found;
}

const keyCount = (blocks.at(-1)?.first ?? 0) + (blocks.at(-1)?.words.length ?? 0);

/** Passes over the numbers that `drawKey` would use. */
export function skipKey(random: PythonRandom): void {
  random.below(keyCount);
}

/** `random.choice` of the sorted keys. */
export function drawKey(random: PythonRandom): string {
  const place = random.below(keyCount);
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((blocks[middle]?.first ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  const block = blocks[low];
  return block === undefined ? "" : block.prefix + (block.words[place - block.first] ?? "");
}

/** The words of the common words task, in the order that the seed gives them. */
export function commonWordPool(seed: number): readonly string[] {
  return PythonRandom.seeded(seed).shuffle(sortedSet([...nouns, ...adjectives, ...verbs]));
}
