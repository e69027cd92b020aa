/** A text as a tokenizer sees it, byte by byte, and which characters of the original each byte stands for. */

/** Bytes of the normalized text, and the range of the original's UTF-16 code units that each belongs to. */
export interface ByteMap {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** A stretch of normalized text and the range of the original it came from. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One step of a normalizer. */
export type Step = (pieces: Iterable<Piece>) => Iterable<Piece>;

/** Each character (code point) of a text by itself. */
export function* characters(text: string): Generator<Piece> {
  let at = 0;
  for (const text1 of text) {
    yield { text: text1, start: at, end: at + text1.length };
    at += text1.length;
  }
}

/** Unicode composition: what is composed with each other becomes one piece. What is composed already passes unchanged. */
export function* composed(pieces: Iterable<Piece>): Generator<Piece> {
  let cluster: Piece[] = [];
  let text = "";
  for (const piece of pieces) {
    if (cluster.length > 0 && !joins(text, piece.text)) {
      yield* normalized(cluster, text);
      cluster = [];
      text = "";
    }
    cluster.push(piece);
    text += piece.text;
  }
  yield* normalized(cluster, text);
}

function* normalized(cluster: readonly Piece[], text: string): Generator<Piece> {
  const composition = text.normalize("NFC");
  const [first, last] = [cluster[0], cluster.at(-1)];
  if (composition === text) yield* cluster;
  else if (first && last) yield { text: composition, start: first.start, end: last.end };
}

/** Whether normalization may change `before` and `next` together: combining marks, and Hangul vowels and finals. */
function joins(before: string, next: string): boolean {
  return /^\p{M}/u.test(next) || (before + next).normalize("NFC") !== before.normalize("NFC") + next.normalize("NFC");
}

/** Every `from` as `to`. */
export function replaced(from: string, to: string): Step {
  return function* (pieces) {
    for (const piece of pieces) yield piece.text.includes(from) ? { ...piece, text: piece.text.replaceAll(from, to) } : piece;
  };
}

/** `text` before everything else, unless there is nothing else. It stands for the first character, as in `tokenizers`. */
export function prepended(text: string): Step {
  return function* (pieces) {
    let first = true;
    for (const piece of pieces) {
      if (first) yield { text, start: piece.start, end: piece.end };
      first = false;
      yield piece;
    }
  };
}

const encoder = new TextEncoder();

/** The text between added tokens, each stretch normalized by itself as `tokenizers` does, and these tokens as they stand. */
function* sections(text: string, steps: readonly Step[], added: RegExp | null): Generator<Piece> {
  let at = 0;
  for (const match of added ? text.matchAll(added) : []) {
    yield* changed(text.slice(at, match.index), at, steps);
    at = match.index + match[0].length;
    yield { text: match[0], start: match.index, end: at };
  }
  yield* changed(text.slice(at), at, steps);
}

function* changed(text: string, offset: number, steps: readonly Step[]): Generator<Piece> {
  let pieces: Iterable<Piece> = characters(text);
  for (const step of steps) pieces = step(pieces);
  for (const piece of pieces) yield { text: piece.text, start: piece.start + offset, end: piece.end + offset };
}

/**
 * @param steps what the tokenizer does to a text before it cuts it
 * @param added finds the tokens that stand for their text as it is; global
 */
export function byteMap(text: string, steps: readonly Step[], added: RegExp | null = null): ByteMap {
  const pieces = sections(text, steps, added);
  // A code unit becomes at most three bytes; normalization can lengthen a text further.
  let bytes = new Uint8Array(3 * text.length + 16);
  let starts = new Int32Array(bytes.length);
  let ends = new Int32Array(bytes.length);
  let size = 0;
  for (const piece of pieces) {
    if (size + 3 * piece.text.length > bytes.length) {
      bytes = grown(bytes, (length) => new Uint8Array(length));
      starts = grown(starts, (length) => new Int32Array(length));
      ends = grown(ends, (length) => new Int32Array(length));
    }
    const { written } = encoder.encodeInto(piece.text, bytes.subarray(size));
    starts.fill(piece.start, size, size + written);
    ends.fill(piece.end, size, size + written);
    size += written;
  }
  return { bytes: bytes.subarray(0, size), starts: starts.subarray(0, size), ends: ends.subarray(0, size) };
}

function grown<T extends Uint8Array | Int32Array>(array: T, make: (length: number) => T): T {
  const larger = make(2 * array.length + 64);
  larger.set(array);
  return larger;
}
