/** Synthetic corpora of any size, made on the way; baseline.py makes the same from the same recurrence. */
import type { SourceDocument } from "../../src/runner/stages/sentenceStore.js";

/** x' = 1664525 x + 1013904223 mod 2^32 (Numerical Recipes). */
export class Recurrence {
  constructor(private state: number) {}
  next(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.state;
  }
}

export const documentTokens = 100_000;

/** Sentence lengths of 8 to 39 tokens that add up to a document. */
export function sentenceStarts(random: Recurrence): Int32Array {
  const starts: number[] = [];
  for (let token = 0; token < documentTokens; token += 8 + (random.next() >>> 27)) starts.push(token);
  return Int32Array.from(starts);
}

/** Scores in [0, 1). */
export function scores(random: Recurrence): Float32Array {
  return Float32Array.from({ length: documentTokens }, () => random.next() / 2 ** 32);
}

const words =
  "the of and a to in is was he for it with as his on be at by had not are but from or have an they which one you were her all she there would their we him been has when who will more no if out so said what up its about into than them can only other new some could time these two may then do first any my now such like our over man me even most made after also did many before must through back years where much your way well down should because each just those people how too little state good very make world still own see men work long get here between both life being under never day same another know while last might us great old year off come since against go came right used take three".split(
    " ",
  );

/** English-looking text of at least `characters`, with the offsets of its words as tokens. */
export function prose(characters: number, seed = 1): { text: string; starts: Int32Array; ends: Int32Array } {
  const random = new Recurrence(seed);
  const pieces: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let length = 0;
  let left = 0;
  let paragraph = 0;
  while (length < characters) {
    const first = left === 0;
    if (first) left = 6 + (random.next() >>> 28);
    const word = words[random.next() % words.length] ?? "the";
    left--;
    const blank = length === 0 || pieces.at(-1)?.endsWith("\n") === true ? "" : " ";
    let piece = `${blank}${first ? word.charAt(0).toUpperCase() + word.slice(1) : word}${left === 0 ? "." : ""}`;
    starts.push(length);
    ends.push(length + piece.length);
    if (left === 0 && ++paragraph % 5 === 0) piece += "\n\n";
    pieces.push(piece);
    length += piece.length;
  }
  return { text: pieces.join(""), starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}

/** Documents with token ids and impactful counts, streamed; `ring` documents are made once and repeated. */
export async function* documents(tokens: number, ring = 16): AsyncGenerator<SourceDocument & { readonly ids: Int32Array }> {
  const random = new Recurrence(2);
  const made = Array.from({ length: ring }, () => {
    const first = sentenceStarts(random);
    return {
      ids: Int32Array.from({ length: documentTokens }, () => random.next() >>> 16),
      first,
      impactful: Int32Array.from(first, () => random.next() >>> 29),
    };
  });
  for (let document = 0; document * documentTokens < tokens; document++) {
    const { ids, first, impactful } = made[document % ring] as (typeof made)[number];
    yield await Promise.resolve({ document, ids, first, impactful });
  }
}
