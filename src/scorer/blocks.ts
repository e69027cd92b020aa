/**
 * Cuts a text into blocks that are tokenized and cached one by one. Where a block ends depends on what stands there, not
 * on how far it is from the start: after an edit, later blocks are the same again.
 */

/** Sizes in UTF-16 code units. */
export interface BlockSizes {
  /** No block but the last is shorter. */
  readonly least: number;
  /** From here on any line break will do. */
  readonly most: number;
  /** From here on any character will do. */
  readonly limit: number;
}

export const blockSizes: BlockSizes = { least: 12_000, most: 24_000, limit: 32_000 };
/** One in so many line breaks ends a block. */
const rarity = 64;

/** Ends of the blocks, ascending; the last is the text's length. A text without characters has none. */
export function blockEnds(text: string, sizes: BlockSizes = blockSizes): number[] {
  const ends: number[] = [];
  for (let begin = 0; begin < text.length;) {
    const end = text.length - begin <= sizes.most ? text.length : nextEnd(text, begin, sizes);
    ends.push(end);
    begin = end;
  }
  return ends;
}

function nextEnd(text: string, begin: number, { least, most, limit }: BlockSizes): number {
  for (let at = text.indexOf("\n", begin + least); at !== -1 && at < begin + limit; at = text.indexOf("\n", at + 1)) {
    const end = at + 1;
    if (splits(text, end) && (end - begin >= most || digest(text, end) % rarity === 0)) return end;
  }
  const end = Math.min(text.length, begin + limit);
  const code = text.charCodeAt(end);
  return end > begin + 1 && code >= 0xdc00 && code < 0xe000 ? end - 1 : end;
}

/**
 * Whether the pre-tokenizers of byte-level tokenizers always split here: one line break between visible characters. In a
 * longer run of blanks they look ahead.
 */
function splits(text: string, end: number): boolean {
  return end >= 2 && end < text.length && !/\s/u.test(text.charAt(end - 2)) && !/\s/u.test(text.charAt(end));
}

/** FNV-1a of the 16 characters from `at` on. */
function digest(text: string, at: number): number {
  let hash = 0x811c9dc5;
  for (let index = at; index < Math.min(text.length, at + 16); index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
