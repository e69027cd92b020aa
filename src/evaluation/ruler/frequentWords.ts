/** Frequent words of RULER: made-up words whose frequencies follow a zeta distribution; the three most frequent are asked for. */
import { filled, type Draft, type Generator } from "./draft.js";
import { PythonRandom, type Randomness } from "./pythonRandom.js";

export const frequentTemplate =
  "Read the following coded text and track the frequency of each coded word. Find the three most frequently appeared coded words. {context}\nQuestion: Do not provide any explanation. Please ignore the dots '....'. What are the three most frequently appeared words in the above coded text?";
export const frequentAnswerPrefix = " Answer: According to the coded text above, the three most frequently appeared words are:";

const wordLength = 6;
/** ζ(2), the sum that makes frequencies 1/k² shares. */
const zeta2 = Math.PI ** 2 / 6;

/** How often each rank stands in a text of so many words; the first rank is dots. */
export function zetaCounts(words: number, ranks: number): number[] {
  return Array.from({ length: ranks }, (_, at) => Math.trunc((words * (at + 1) ** -2) / zeta2));
}

/** The fewest words of which the third asked for stands more often than what is not asked for. */
function leastWords(ranks: number): number {
  for (let words = 1; ; words++) {
    const counts = zetaCounts(words, Math.max(ranks, 5));
    if ((counts[3] ?? 0) > (counts[4] ?? 0)) return words;
  }
}

export function frequentWordsGenerator(length: number, seed: number): Generator {
  const vocabulary = Math.floor(length / 50);
  return {
    answerTokens: 50,
    steps: [Math.floor(length / 32)],
    first: () => Math.floor(length / wordLength),
    // Below five ranks nothing would be left over that is not asked for.
    least: vocabulary < 5 ? Number.POSITIVE_INFINITY : leastWords(vocabulary),
    overhead: 0,
    redrawsSame: true,
    searchesWithoutAnswer: true,
    tail: () => "",
    draw: (random, size) => draw(random, size, vocabulary, seed),
  };
}

function draw({ python }: Randomness, size: number, vocabulary: number, seed: number): Draft {
  const drawn = new Set<string>();
  for (let at = 0; at < vocabulary || drawn.size < vocabulary; at++) drawn.add(python.letters("abcdefghijklmnopqrstuvwxyz", wordLength));
  const words = PythonRandom.seeded(seed).shuffle([...drawn].sort());
  words[0] = "...";
  const text: string[] = [];
  zetaCounts(size, words.length).forEach((count, rank) => {
    for (let copy = 0; copy < count; copy++) text.push(words[rank] ?? "");
  });
  const context = PythonRandom.seeded(seed).shuffle(text).join(" ");
  return { text: filled(frequentTemplate, { context }), answerPrefix: frequentAnswerPrefix, references: words.slice(1, 4) };
}
