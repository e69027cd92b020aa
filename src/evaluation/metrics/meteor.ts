/** METEOR (Lavie and Agarwal 2007) of one answer and one reference, word for word as NLTK's single_meteor_score has it. */
import { mean } from "d3-array";
import { Random } from "../../recipe/random.js";
import { porterStem } from "./porter.js";
import { splitWords } from "./words.js";

const alpha = 0.9;
const beta = 3;
const gamma = 0.5;

/** Single words that share a meaning with a word. */
export type Synonyms = (word: string) => ReadonlySet<string>;

/** Places in the answer and in the reference that match. */
type Match = readonly [answer: number, reference: number];

interface Word {
  readonly place: number;
  readonly text: string;
}

/** Words that are matched, and those that are left for the next way of matching. */
interface Matched {
  readonly matches: readonly Match[];
  readonly answer: readonly Word[];
  readonly reference: readonly Word[];
}

/** @returns 0 to 1; 0 where no word matches */
export function meteor(answer: readonly string[], reference: readonly string[], synonyms: Synonyms): number {
  const matches = align(answer, reference, synonyms);
  if (matches.length === 0) return 0;
  const precision = matches.length / answer.length;
  const recall = matches.length / reference.length;
  const weighted = (precision * recall) / (alpha * precision + (1 - alpha) * recall);
  return (1 - gamma * (chunks(matches) / matches.length) ** beta) * weighted;
}

/** METEOR over the words of two texts in their order. */
export function meteorOfTexts(answer: string, reference: string, synonyms: Synonyms): number {
  return meteor(splitWords(answer), splitWords(reference), synonyms);
}

const orders = 16;

/**
 * METEOR as LooGLE's code calls it, with sets of words. A set has no order, and Python's differs from process to process:
 * what is published is one draw of this mean over orders drawn with a fixed seed.
 */
export function meteorOfSets(answer: string, reference: string, synonyms: Synonyms): number {
  const random = new Random(0, "meteor");
  const [said, wanted] = [wordSet(answer), wordSet(reference)];
  return mean(Array.from({ length: orders }, () => meteor(random.shuffle([...said]), random.shuffle([...wanted]), synonyms))) ?? 0;
}

function wordSet(text: string): string[] {
  return [...new Set(splitWords(text))];
}

/** Equal words first, then words of equal stems, then synonyms of those stems (NLTK looks up the stem, not the word). */
function align(answer: readonly string[], reference: readonly string[], synonyms: Synonyms): Match[] {
  const exact = matchEqual(numbered(answer), numbered(reference));
  const stemmed = matchEqual(stems(exact.answer), stems(exact.reference));
  const alike = matchSynonyms(stemmed.answer, stemmed.reference, synonyms);
  return [...exact.matches, ...stemmed.matches, ...alike.matches].sort(([one], [other]) => one - other);
}

function numbered(words: readonly string[]): Word[] {
  return words.map((word, place) => ({ place, text: word.toLowerCase() }));
}

function stems(words: readonly Word[]): Word[] {
  return words.map(({ place, text }) => ({ place, text: porterStem(text) }));
}

function matchEqual(answer: readonly Word[], reference: readonly Word[]): Matched {
  return matchLast(answer, reference, ({ text }) => [text]);
}

function matchSynonyms(answer: readonly Word[], reference: readonly Word[], synonyms: Synonyms): Matched {
  return matchLast(answer, reference, ({ text }) => [text, ...synonyms(text)]);
}

/** From the last word of the answer to its first: each takes the last word of the reference that is still free and fits. */
function matchLast(answer: readonly Word[], reference: readonly Word[], fitting: (word: Word) => readonly string[]): Matched {
  const free = new Map<string, Word[]>();
  for (const word of reference) free.set(word.text, [...(free.get(word.text) ?? []), word]);
  const matches: Match[] = [];
  const unmatched: Word[] = [];
  for (const word of [...answer].reverse()) {
    const [best] = fitting(word)
      .flatMap((text) => free.get(text)?.at(-1) ?? [])
      .sort((one, other) => other.place - one.place);
    if (best === undefined) unmatched.unshift(word);
    else {
      matches.push([word.place, best.place]);
      free.get(best.text)?.pop();
    }
  }
  const taken = new Set(matches.map(([, place]) => place));
  return { matches, answer: unmatched, reference: reference.filter(({ place }) => !taken.has(place)) };
}

/** Runs of matches that follow one another in both texts. */
function chunks(matches: readonly Match[]): number {
  return matches.filter(([said, wanted], at) => {
    const before = matches[at - 1];
    return before?.[0] !== said - 1 || before[1] !== wanted - 1;
  }).length;
}
