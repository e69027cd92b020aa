/** LooGLE's automatic metrics (bigai-nlco/LooGLE, automatic_metrics.py) as far as they need no model: all but METEOR (meteor.ts), BERTScore (the worker) and the judge (judge.ts). */
import { NoLiteral, parsePython, type PythonValue } from "../longbench/pythonLiteral.js";
import { rougeL, rougeN } from "./rouge.js";
import { splitWords } from "./words.js";

/** What an empty answer is taken for. */
export const noAnswer = "None";

/** Recall of ROUGE-L, the "r" that LooGLE reports. */
export function rougeLRecall(answer: string, references: readonly string[]): number {
  return rougeL(answer || noAnswer, references[0] ?? "").recall;
}

/** Recall of ROUGE-N. */
export function rougeNRecall(answer: string, references: readonly string[], n: number): number {
  return rougeN(answer || noAnswer, references[0] ?? "", n).recall;
}

/** Clipped precision of n-grams with the brevity penalty: NLTK's sentence_bleu with the whole weight on one order. */
export function bleu(answer: string, references: readonly string[], n: number): number {
  const said = splitWords(answer || noAnswer);
  const wanted = splitWords(references[0] ?? "");
  // NLTK gives nothing where no single word is right.
  if (!said.some((word) => wanted.includes(word))) return 0;
  const left = counts(wanted, n);
  let right = 0;
  let all = 0;
  for (const [ngram, count] of counts(said, n)) {
    all += count;
    right += Math.min(count, left.get(ngram) ?? 0);
  }
  const brevity = said.length > wanted.length ? 1 : Math.exp(1 - wanted.length / said.length);
  return (brevity * right) / Math.max(1, all);
}

function counts(words: readonly string[], n: number): Map<string, number> {
  const found = new Map<string, number>();
  for (let first = 0; first + n <= words.length; first++) {
    const ngram = words.slice(first, first + n).join(" ");
    found.set(ngram, (found.get(ngram) ?? 0) + 1);
  }
  return found;
}

/** Share of the masks that are filled in to the letter. References: a dictionary as Python writes it. */
export function clozeExact(answer: string, references: readonly string[]): number {
  return clozeShare(answer, references, (given, right) => given === right);
}

/** Share of the masks whose filling has a word in common with the right one. */
export function clozePartial(answer: string, references: readonly string[]): number {
  return clozeShare(answer, references, (given, right) => {
    const rightWords = new Set(splitWords(right));
    return splitWords(given).some((word) => rightWords.has(word));
  });
}

function clozeShare(answer: string, references: readonly string[], agree: (given: string, right: string) => boolean): number {
  const right = dictionary(references[0] ?? "");
  const given = dictionary(answer.trim());
  const masks = Object.entries(right ?? {});
  if (given === null || masks.length === 0) return 0;
  const hits = masks.filter(([mask, filling]) => {
    const found = given[mask];
    return typeof found === "string" && typeof filling === "string" && agree(found, filling);
  });
  return hits.length / masks.length;
}

/** null: no dictionary. */
function dictionary(text: string): Readonly<Record<string, PythonValue>> | null {
  try {
    const value = parsePython(text);
    return isDictionary(value) ? value : null;
  } catch (error) {
    if (error instanceof NoLiteral) return null;
    throw error;
  }
}

function isDictionary(value: PythonValue): value is Readonly<Record<string, PythonValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
