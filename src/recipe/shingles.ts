/** Shingles: hashes of every run of a few words of a text, whatever its script. */

/** What a UTF-16 unit is to words: between them, part of one, or one by itself (scripts without blanks, and what lies beyond the BMP). */
const enum Kind {
  between = 0,
  part = 1,
  alone = 2,
}

const alone = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const part = /[\p{L}\p{M}\p{N}]/u;

interface UnitTables {
  readonly kind: Uint8Array;
  readonly lower: Uint16Array;
}

let tables: UnitTables | null = null;

function unitTables(): UnitTables {
  if (tables !== null) return tables;
  const kind = new Uint8Array(1 << 16);
  const lower = new Uint16Array(1 << 16);
  for (let unit = 0; unit < 1 << 16; unit++) {
    const character = String.fromCharCode(unit);
    const lowered = character.toLowerCase();
    lower[unit] = lowered.length === 1 ? lowered.charCodeAt(0) : unit;
    if (unit >= 0xd800 && unit <= 0xdbff) kind[unit] = Kind.alone;
    else if (unit >= 0xdc00 && unit <= 0xdfff) kind[unit] = Kind.part;
    else kind[unit] = alone.test(character) ? Kind.alone : part.test(character) ? Kind.part : Kind.between;
  }
  tables = { kind, lower };
  return tables;
}

const base = 0x9e3779b1;

/** Spreads the bits of a 32-bit hash (the finalizer of MurmurHash3). */
export function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * Calls `take` with a 32-bit hash of every run of `words` words, case and punctuation left out; a text of fewer words
 * is one shingle. A rolling hash: the cost does not depend on `words`.
 * @returns the number of shingles
 */
export function eachShingle(text: string, words: number, seed: number, take: (hash: number) => void): number {
  const { kind, lower } = unitTables();
  const ring = new Int32Array(words);
  let power = 1;
  for (let word = 0; word < words; word++) power = Math.imul(power, base);
  let found = 0;
  let rolling = 0;
  let word = 0;
  let inside = false;
  const finish = (): void => {
    const hash = mix(word);
    const place = found % words;
    rolling = (Math.imul(rolling, base) + hash - Math.imul(ring[place] ?? 0, power)) | 0;
    ring[place] = hash;
    found++;
    if (found >= words) take(mix(rolling ^ seed));
    inside = false;
  };
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const what = kind[unit];
    if (what === Kind.between || what === Kind.alone) {
      if (inside) finish();
      if (what === Kind.between) continue;
    }
    if (!inside) word = 0x811c9dc5 | 0;
    word = Math.imul(word ^ (lower[unit] ?? 0), 0x01000193);
    inside = true;
  }
  if (inside) finish();
  if (found >= words) return found - words + 1;
  if (found > 0) take(mix(rolling ^ seed));
  return Math.min(found, 1);
}
