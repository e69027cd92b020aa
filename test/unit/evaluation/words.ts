import type { TokenizedText } from "../../../src/runner/stages/evaluation/tokenizer.js";

/** A tokenizer in a few lines: a token is a word with the blank before it, or one other character. */
export class Words {
  private readonly vocabulary = new Map<string, number>();
  private known: string[] = [];

  tokenize(text: string): TokenizedText {
    const found = [...text.matchAll(/\s*?[^\S\n]?[\p{L}\p{N}]+|[^\p{L}\p{N}]/gu)];
    const ids = Int32Array.from(found, ([word]) => {
      const id = this.vocabulary.get(word) ?? this.vocabulary.size;
      this.vocabulary.set(word, id);
      return id;
    });
    const starts = Int32Array.from(found, ({ index }) => index);
    return { text, ids, starts, ends: starts.map((start, at) => start + found[at]![0].length) };
  }

  text(ids: Iterable<number>): string {
    const words = this.list();
    return Array.from(ids, (id) => words[id] ?? "?").join("");
  }

  private list(): string[] {
    if (this.known.length !== this.vocabulary.size) this.known = [...this.vocabulary.keys()];
    return this.known;
  }
}
