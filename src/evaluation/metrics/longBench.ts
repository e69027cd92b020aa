/** LongBench's metrics (THUDM/LongBench, metrics.py and eval.py), one answer against one reference each. */
import { chineseWords } from "./chinese.js";
import { fuzzyRatio } from "./likeness.js";
import { rougeL } from "./rouge.js";
import { bagF1, bareChinese, englishWords, firstLine } from "./words.js";

type Compare = (answer: string, reference: string, choices: readonly string[]) => number;

/** The best score over the references, as LongBench takes it. */
export function bestOf(compare: Compare) {
  return (answer: string, references: readonly string[], choices: readonly string[]): number =>
    references.reduce((best, reference) => Math.max(best, compare(answer, reference, choices)), 0);
}

/** As `bestOf`, of the answer's first line. */
export function firstLineBestOf(compare: Compare) {
  const best = bestOf(compare);
  return (answer: string, references: readonly string[], choices: readonly string[]): number =>
    best(firstLine(answer), references, choices);
}

export const answerF1: Compare = (answer, reference) => bagF1(englishWords(answer), englishWords(reference));

export const chineseF1: Compare = (answer, reference) => bagF1(bareWords(answer), bareWords(reference));

function bareWords(text: string): string[] {
  return chineseWords(text)
    .map(bareChinese)
    .filter((word) => word !== "");
}

export const rouge: Compare = (answer, reference) => rougeL(answer, reference).f;

export const chineseRouge: Compare = (answer, reference) => rougeL(chineseWords(answer).join(" "), chineseWords(reference).join(" ")).f;

/** Names of classes in the answer: 1 / their number where the right one is among them. Names that are part of the right one do not count. */
export const classification: Compare = (answer, reference, classes) => {
  const named = classes.filter((name) => answer.includes(name));
  // The published loop takes names out of the list it runs over: the one behind each is passed over.
  for (let at = 0; at < named.length; at++) {
    const name = named[at] ?? "";
    if (reference.includes(name) && name !== reference) named.splice(named.indexOf(name), 1);
  }
  return named.includes(reference) ? 1 / named.length : 0;
};

/** Share of the numbers in the answer that are the right one. */
export const count: Compare = (answer, reference) => {
  const numbers = answer.match(/\p{Nd}+/gu) ?? [];
  return numbers.length === 0 ? 0 : numbers.filter((number) => number === reference).length / numbers.length;
};

/** As `count`; the right number is that of the paragraph which the reference names. */
export const retrieval: Compare = (answer, reference, choices) =>
  count(answer, /(?:Paragraph |段落)(\p{Nd}+)/u.exec(reference)?.[1] ?? "", choices);

/** Likeness of the first line without comment signs and back ticks. */
export const codeSimilarity: Compare = (answer, reference) => {
  const lines = answer.replace(/^\n+/u, "").split("\n");
  return fuzzyRatio(lines.find((line) => !/`|#|\/\//u.test(line)) ?? "", reference);
};

/** LongBench v2: the letter after `The correct answer is`; an answer without one is wrong. */
export function choice(answer: string, references: readonly string[]): number {
  const bare = answer.trim().replaceAll("*", "");
  const letter = /The correct answer is \(([A-D])\)/u.exec(bare)?.[1] ?? /The correct answer is ([A-D])/u.exec(bare)?.[1];
  return letter !== undefined && letter === references[0] ? 1 : 0;
}
