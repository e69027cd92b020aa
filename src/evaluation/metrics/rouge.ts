/**
 * ROUGE as the Python package `rouge` 1.0.1 counts it, which LongBench and LooGLE score with: sentences end at every full stop,
 * words count once however often they occur, and ROUGE-L is that of summaries (union of the longest common subsequences).
 * No npm library counts so; golden values of the package are in the tests.
 */
import { splitWords } from "./words.js";

export interface Rouge {
  readonly f: number;
  readonly precision: number;
  readonly recall: number;
}

const nothing: Rouge = { f: 0, precision: 0, recall: 0 };
/** The package adds it to the divisor of F. */
const epsilon = 1e-8;

/** Words of each sentence; a sentence of white space has one empty word, as in the package. */
function sentences(text: string): string[][] {
  return text
    .split(".")
    .filter((part) => part !== "")
    .map((part) => {
      const words = splitWords(part);
      return words.length === 0 ? [""] : words;
    });
}

/** ROUGE-L of summaries; 0 where one of both has no sentence. */
export function rougeL(answer: string, reference: string): Rouge {
  const said = sentences(answer);
  const wanted = sentences(reference);
  if (said.length === 0 || wanted.length === 0) return nothing;
  const union = new Set<string>();
  for (const sentence of wanted) for (const other of said) for (const word of commonSubsequence(sentence, other)) union.add(word);
  return scores(union.size, new Set(said.flat()).size, new Set(wanted.flat()).size);
}

/** ROUGE-N over different n-grams; 0 where one of both has no sentence. */
export function rougeN(answer: string, reference: string, n: number): Rouge {
  const said = sentences(answer);
  const wanted = sentences(reference);
  if (said.length === 0 || wanted.length === 0) return nothing;
  const found = ngrams(said.flat(), n);
  const asked = ngrams(wanted.flat(), n);
  const common = [...found].filter((ngram) => asked.has(ngram)).length;
  return scores(common, found.size, asked.size);
}

function scores(common: number, said: number, wanted: number): Rouge {
  const precision = said === 0 ? 0 : common / said;
  const recall = wanted === 0 ? 0 : common / wanted;
  return { f: 2 * ((precision * recall) / (precision + recall + epsilon)), precision, recall };
}

/** Words hold no white space: joined by a space, n-grams stay apart. */
function ngrams(words: readonly string[], n: number): Set<string> {
  const found = new Set<string>();
  for (let first = 0; first + n <= words.length; first++) found.add(words.slice(first, first + n).join(" "));
  return found;
}

/** The longest common subsequence that the package finds: among equally long ones, by its way back through the table. */
function commonSubsequence(x: readonly string[], y: readonly string[]): string[] {
  const width = y.length + 1;
  const table = new Uint32Array((x.length + 1) * width);
  const at = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = 1; i <= x.length; i++) {
    for (let j = 1; j <= y.length; j++) {
      table[i * width + j] = x[i - 1] === y[j - 1] ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1));
    }
  }
  const words: string[] = [];
  for (let i = x.length, j = y.length; i > 0 && j > 0;) {
    const word = x[i - 1] ?? "";
    if (word === y[j - 1]) {
      words.push(word);
      i--;
      j--;
    } else if (at(i - 1, j) > at(i, j - 1)) i--;
    else j--;
  }
  return words;
}
