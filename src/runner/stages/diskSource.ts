/**
 * A tokenized corpus on disk with random access: ids where they lie in the tokens table, sentences from their own store,
 * only places and sizes in memory. Samples take documents in random order; readers of Arrow tables take whole batches.
 */
import { closeSync, openSync } from "node:fs";
import type { SampleSource } from "../../recipe/samples.js";
import type { DocumentSize } from "../../recipe/stretches.js";
import { fileFault } from "../tables/faults.js";
import { missingDocument } from "./join.js";
import { readInts } from "./readInts.js";
import type { SentenceStore } from "./sentenceStore.js";
import type { TokenIndex } from "./tokenIndex.js";

const intBytes = Int32Array.BYTES_PER_ELEMENT;

export class DiskSource implements SampleSource {
  /** Impactful tokens of the documents that were asked for. */
  private readonly impacts = new Map<number, number>();

  private constructor(
    private readonly path: string,
    private readonly file: number,
    readonly sizes: readonly DocumentSize[],
    /** Byte offset of each document's ids in the tokens table. */
    private readonly positions: readonly number[],
    private readonly store: SentenceStore,
  ) {}

  /**
   * @param tokens the tokens table, which must stay as it is until `close()`
   * @param store the documents to use, with their sentences; closed with the source, and when this fails
   * @throws UserError where the tokens table lacks a document
   */
  static open(tokens: TokenIndex, store: SentenceStore): DiskSource {
    try {
      const positions: number[] = [];
      const sizes = store.documents.map((document) => {
        const found = tokens.find(document);
        if (found === null) throw missingDocument(tokens.path, document);
        positions.push(found.position);
        return { tokens: found.tokens };
      });
      return new DiskSource(tokens.path, openSync(tokens.path, "r"), sizes, positions, store);
    } catch (error) {
      store.close();
      throw fileFault(error, "read", tokens.path);
    }
  }

  document(index: number): number {
    return this.store.documents[index] ?? 0;
  }

  read(index: number, first: number, end: number, target: Int32Array, at: number): void {
    readInts(this.file, this.path, (this.positions[index] ?? 0) + first * intBytes, target, at, end - first);
  }

  sentences(index: number): { readonly first: Int32Array; readonly impactful: Int32Array } {
    return this.store.sentences(index);
  }

  /** Counted when it is asked for: only drawing from a part of the corpus needs it. */
  impactful(index: number): number {
    let count = this.impacts.get(index);
    if (count === undefined) {
      count = this.store.sentences(index).impactful.reduce((sum, tokens) => sum + tokens, 0);
      this.impacts.set(index, count);
    }
    return count;
  }

  close(): void {
    closeSync(this.file);
    this.store.close();
  }
}
