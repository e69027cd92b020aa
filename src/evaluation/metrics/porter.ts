/**
 * The Porter stemmer as NLTK has it (its mode NLTK_EXTENSIONS), which METEOR matches words by: Porter, "An algorithm for
 * suffix stripping", 1980, with NLTK's irregular forms and its rules for short words, `y` and `ie`. Packages of the
 * registry follow Porter's own code, which stems such words otherwise.
 */

/** A suffix, what takes its place, and whether it does for what is left of the word. */
type Rule = readonly [suffix: string, replacement: string, holds?: (stem: string) => boolean];

const irregular: ReadonlyMap<string, string> = new Map([
  ["sky", "sky"],
  ["skies", "sky"],
  ["dying", "die"],
  ["lying", "lie"],
  ["tying", "tie"],
  ["news", "news"],
  ["innings", "inning"],
  ["inning", "inning"],
  ["outings", "outing"],
  ["outing", "outing"],
  ["cannings", "canning"],
  ["canning", "canning"],
  ["howe", "howe"],
  ["proceed", "proceed"],
  ["exceed", "exceed"],
  ["succeed", "succeed"],
]);

/** Stem of a word, in lower case. */
export function porterStem(word: string): string {
  const lower = word.toLowerCase();
  const known = irregular.get(lower);
  if (known !== undefined) return known;
  // Python counts characters, not UTF-16 code units.
  if (Array.from(word).length <= 2) return lower;
  return [plural, past, finalY, doubleSuffix, derived, residual, finalE, finalL].reduce((stem, step) => step(stem), lower);
}

function plural(word: string): string {
  if (word.endsWith("ies") && word.length === 4) return word.slice(0, -1);
  return replaced(word, [
    ["sses", "ss"],
    ["ies", "i"],
    ["ss", "ss"],
    ["s", ""],
  ]);
}

function past(word: string): string {
  if (word.endsWith("ied")) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith("eed")) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const ending = ["ed", "ing"].find((suffix) => word.endsWith(suffix) && hasVowel(word.slice(0, -suffix.length)));
  if (ending === undefined) return word;
  const stem = word.slice(0, -ending.length);
  if (/(?:at|bl|iz)$/u.test(stem)) return `${stem}e`;
  if (endsInDouble(stem)) return /[lsz]$/u.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsInShort(stem) ? `${stem}e` : stem;
}

function finalY(word: string): string {
  return replaced(word, [["y", "i", (stem) => stem.length > 1 && consonants(stem).at(-1) === true]]);
}

const doubles: readonly Rule[] = [
  ...(
    [
      ["ational", "ate"],
      ["tional", "tion"],
      ["enci", "ence"],
      ["anci", "ance"],
      ["izer", "ize"],
      ["bli", "ble"],
      ["alli", "al"],
      ["entli", "ent"],
      ["eli", "e"],
      ["ousli", "ous"],
      ["ization", "ize"],
      ["ation", "ate"],
      ["ator", "ate"],
      ["alism", "al"],
      ["iveness", "ive"],
      ["fulness", "ful"],
      ["ousness", "ous"],
      ["aliti", "al"],
      ["iviti", "ive"],
      ["biliti", "ble"],
      ["fulli", "ful"],
    ] as const
  ).map(([suffix, replacement]): Rule => [suffix, replacement, isLong]),
  // Of what is left with its l: "geologi" has enough before it.
  ["logi", "log", (stem) => isLong(`${stem}l`)],
];

function doubleSuffix(word: string): string {
  if (word.endsWith("alli") && isLong(word.slice(0, -4))) return doubleSuffix(word.slice(0, -2));
  return replaced(word, doubles);
}

function derived(word: string): string {
  return replaced(word, [
    ["icate", "ic", isLong],
    ["ative", "", isLong],
    ["alize", "al", isLong],
    ["iciti", "ic", isLong],
    ["ical", "ic", isLong],
    ["ful", "", isLong],
    ["ness", "", isLong],
  ]);
}

/** In the order of the rules: the first that fits decides. */
const residuals: readonly Rule[] = [
  ...["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent"].map((suffix): Rule => [suffix, "", isVeryLong]),
  ["ion", "", (stem) => isVeryLong(stem) && /[st]$/u.test(stem)],
  ...["ou", "ism", "ate", "iti", "ous", "ive", "ize"].map((suffix): Rule => [suffix, "", isVeryLong]),
];

function residual(word: string): string {
  return replaced(word, residuals);
}

function finalE(word: string): string {
  return replaced(word, [["e", "", (stem) => isVeryLong(stem) || (isLong(stem) && !endsInShort(stem))]]);
}

function finalL(word: string): string {
  return replaced(word, [["ll", "l", () => isVeryLong(word.slice(0, -1))]]);
}

/** The word by the first rule whose suffix it has, whether or not that rule holds. */
function replaced(word: string, rules: readonly Rule[]): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const [suffix, replacement, holds = () => true] = rule;
  const stem = word.slice(0, word.length - suffix.length);
  return holds(stem) ? stem + replacement : word;
}

/** Of each letter whether it is a consonant: y is one at the beginning and after a vowel. */
function consonants(word: string): boolean[] {
  const found: boolean[] = [];
  for (const letter of word) found.push(letter === "y" ? found.at(-1) !== true : !"aeiou".includes(letter));
  return found;
}

/** Porter's m: how often a consonant follows a vowel. */
function measure(stem: string): number {
  return consonants(stem).filter((consonant, at, all) => consonant && all[at - 1] === false).length;
}

function isLong(stem: string): boolean {
  return measure(stem) > 0;
}

function isVeryLong(stem: string): boolean {
  return measure(stem) > 1;
}

function hasVowel(stem: string): boolean {
  return consonants(stem).includes(false);
}

function endsInDouble(word: string): boolean {
  return word.length >= 2 && word.at(-1) === word.at(-2) && consonants(word).at(-1) === true;
}

/** Consonant, vowel, consonant (but w, x and y), or vowel and consonant alone. */
function endsInShort(word: string): boolean {
  const [third, second, last] = [-3, -2, -1].map((at) => consonants(word).at(at));
  const letters = Array.from(word).length;
  if (letters === 2) return second === false && last === true;
  return letters > 2 && third === true && second === false && last === true && !/[wxy]$/u.test(word);
}
