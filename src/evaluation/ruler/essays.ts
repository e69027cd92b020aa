/** Essays as a haystack: words in their order, cut into sentences, said again from the beginning where they are too few. */

/** Words after which a full stop ends no sentence. */
const abbreviations = new Set(
  "mr mrs ms dr prof sr jr st gen col lt sen rep vs inc ltd co corp bros jan feb aug sept oct nov dec ga va u.s u.k u.n d.c a.m p.m ph.d".split(
    " ",
  ),
);

/** A sentence's end: its sign, closing quotes and brackets, and the blank. */
const end = /[.!?]+["')\]”’]*(?= )/gu;

export class Essays {
  /** Words there are. */
  readonly size: number;
  /** Offset of each word in the text, and the text's length. */
  private readonly offsets: Int32Array;
  /** Words with a blank after each. */
  private readonly text: string;
  /** Where sentences end, before the blank. */
  private readonly ends: readonly number[];

  /** @param ends where the sentences of a text end whose only white space is single blanks, and which ends with one */
  constructor(texts: readonly string[], ends: (text: string) => readonly number[] = sentenceEnds) {
    const words = texts
      .join(" ")
      .split(/\s+/u)
      .filter((word) => word !== "");
    const plain = words.map((word) => `${word} `).join("");
    // A border within a word becomes a blank, since sentences are joined by blanks.
    const borders = ends(plain);
    const inner = borders.filter((border) => plain.charAt(border) !== " ");
    const shift = (offset: number): number => inner.findLastIndex((border) => border < offset) + 1;
    this.text = inner.length === 0 ? plain : pieces(plain, inner).join(" ");
    this.ends = inner.length === 0 ? borders : borders.map((border) => border + shift(border));
    this.size = words.length;
    this.offsets = new Int32Array(words.length + 1);
    let offset = 0;
    words.forEach((word, at) => {
      offset += word.length + 1;
      this.offsets[at + 1] = offset + (inner.length === 0 ? 0 : shift(offset));
    });
  }

  /** The first `count` words as sentences: `slice` gives those from one to before another, joined. */
  sentences(count: number): { readonly length: number; slice(from: number, end: number): string } {
    const rounds = Math.floor(count / this.size);
    const rest = this.offsets[count - rounds * this.size] ?? 0;
    const text = this.text.repeat(rounds) + this.text.slice(0, rest);
    const starts: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const before = round * this.text.length;
      const limit = round < rounds ? this.text.length : rest;
      if (limit > 0) starts.push(before);
      for (const border of this.ends) {
        if (border + 1 >= limit) break;
        starts.push(before + border + 1);
      }
    }
    const border = (at: number): number => starts[at] ?? text.length;
    return { length: starts.length, slice: (from, until) => (until > from ? text.slice(border(from), border(until) - 1) : "") };
  }
}

function pieces(text: string, borders: readonly number[]): string[] {
  return [...borders, text.length].map((border, at) => text.slice(borders[at - 1] ?? 0, border));
}

/** Ends of sentences in a text whose only white space is single blanks: Punkt's rules, with a few of its abbreviations. */
export function sentenceEnds(text: string): number[] {
  const found: number[] = [];
  for (const match of text.matchAll(end)) {
    const after = match.index + match[0].length;
    if (match[0].startsWith(".") && goesOn(text, match.index, match[0], text.charAt(after + 1))) continue;
    found.push(after);
  }
  return found;
}

/** Whether the full stop at `at` belongs to an abbreviation, an initial, or dots within a sentence. */
function goesOn(text: string, at: number, sign: string, next: string): boolean {
  const word = text.slice(text.lastIndexOf(" ", at) + 1, at).replace(/^["'([“‘]+/u, "");
  if (sign.startsWith("..") || /^\d+$/u.test(word)) return /\p{Ll}/u.test(next);
  return /^[A-Za-z]$/u.test(word) || abbreviations.has(word.toLowerCase());
}
