/** Synonyms of WordNet (Princeton, 3.0; its files are described in wndb(5WN)) as NLTK's `synsets` and `lemmas` give them. */

const parts = ["noun", "verb", "adj", "adv"] as const;
type Part = (typeof parts)[number];

/** Every file of a WordNet folder that synonyms are looked up in. */
export const wordNetFiles = parts.flatMap((part) => [`index.${part}`, `data.${part}`, `${part}.exc`]);

/** Endings and what a base form may have in their place. */
const endings: Readonly<Record<Part, readonly (readonly [string, string])[]>> = {
  noun: [
    ["s", ""],
    ["ses", "s"],
    ["ves", "f"],
    ["xes", "x"],
    ["zes", "z"],
    ["ches", "ch"],
    ["shes", "sh"],
    ["men", "man"],
    ["ies", "y"],
  ],
  verb: [
    ["s", ""],
    ["ies", "y"],
    ["es", "e"],
    ["es", ""],
    ["ed", "e"],
    ["ed", ""],
    ["ing", "e"],
    ["ing", ""],
  ],
  adj: [
    ["er", ""],
    ["est", ""],
    ["er", "e"],
    ["est", "e"],
  ],
  adv: [],
};

interface PartOfSpeech {
  readonly part: Part;
  /** Byte offsets of a base form's synsets in `data`. */
  readonly index: ReadonlyMap<string, readonly number[]>;
  readonly data: Uint8Array;
  /** Base forms of irregular ones. */
  readonly exceptions: ReadonlyMap<string, readonly string[]>;
}

/** Files that are none of WordNet's. */
export class NoWordNet extends Error {}

/** Looks words up, each once. */
export class WordNet {
  private readonly all: readonly PartOfSpeech[];
  private readonly known = new Map<string, ReadonlySet<string>>();

  /** @param files bytes by the names in `wordNetFiles` @throws NoWordNet */
  constructor(files: ReadonlyMap<string, Uint8Array>) {
    const bytes = (name: string): Uint8Array => {
      const found = files.get(name);
      if (found === undefined) throw new NoWordNet(`${name} is missing`);
      return found;
    };
    this.all = parts.map((part) => ({
      part,
      index: readIndex(textOf(bytes(`index.${part}`)), `index.${part}`),
      data: bytes(`data.${part}`),
      exceptions: new Map(lines(textOf(bytes(`${part}.exc`))).map(([form = "", ...bases]) => [form, bases])),
    }));
  }

  /** Single words that share a synset with the word, in any part of speech; letters as WordNet has them. @throws NoWordNet */
  synonyms(word: string): ReadonlySet<string> {
    const form = word.toLowerCase();
    const known = this.known.get(form);
    if (known !== undefined) return known;
    const found = new Set(
      this.all.flatMap((part) => baseForms(form, part).flatMap((base) => (part.index.get(base) ?? []).flatMap((at) => lemmas(part, at)))),
    );
    this.known.set(form, found);
    return found;
  }
}

/** The form itself and those that it may be a form of, as far as WordNet has them (NLTK's `_morphy`). */
function baseForms(form: string, { part, index, exceptions }: PartOfSpeech): string[] {
  const bases =
    exceptions.get(form) ??
    endings[part].flatMap(([ending, instead]) => (form.endsWith(ending) ? [form.slice(0, form.length - ending.length) + instead] : []));
  return [...new Set([form, ...bases])].filter((base) => index.has(base));
}

/** `lemma pos synsets pointers [pointer...] senses tagged offset...`; lines of the licence begin with blanks. */
function readIndex(text: string, name: string): Map<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const [lemma = "", , count = "", pointers = "", ...rest] of lines(text)) {
    const offsets = rest.slice(Number(pointers) + 2).map(Number);
    if (offsets.length !== Number(count) || !offsets.every(Number.isInteger)) throw new NoWordNet(`${name} has another form at "${lemma}"`);
    found.set(lemma, offsets);
  }
  return found;
}

/** `offset file type words(hex) word lexical-id ...`; adjectives may say in brackets where they stand. */
function lemmas({ part, data }: PartOfSpeech, at: number): string[] {
  const end = data.indexOf(10, at);
  const fields = textOf(data.subarray(at, end < 0 ? data.length : end)).split(" ");
  if (Number(fields[0]) !== at) throw new NoWordNet(`data.${part} holds no synset at byte ${String(at)}`);
  const words = Array.from({ length: Number.parseInt(fields[3] ?? "0", 16) }, (_, place) => fields[4 + 2 * place] ?? "");
  return words.map((word) => word.replace(/\(.*\)$/u, "")).filter((word) => !word.includes("_"));
}

function lines(text: string): string[][] {
  return text.split("\n").flatMap((line) => (line === "" || line.startsWith(" ") ? [] : [line.trimEnd().split(/ +/u)]));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8").decode(bytes);
}
