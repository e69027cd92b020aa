/** The sentences of a corpus, document by document. */
import { closeSync, openSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { fileFault } from "../tables/faults.js";
import { readInts } from "./readInts.js";

/** Sentences of documents in random access. */
export interface SentenceStore {
  /** Numbers of the documents in the tables. */
  readonly documents: readonly number[];
  /** First token and impactful tokens of each sentence of the document at `index`. Valid until the next call. */
  sentences(index: number): { readonly first: Int32Array; readonly impactful: Int32Array };
  close(): void;
}

/** The sentences of a document. `first` and `impactful` have one element a sentence. */
export interface SourceDocument {
  readonly document: number;
  readonly first: Int32Array;
  readonly impactful: Int32Array;
}

/** Documents whose sentences nobody asks for. */
export function withoutSentences(documents: readonly number[]): SentenceStore {
  const none = new Int32Array(0);
  return { documents, sentences: () => ({ first: none, impactful: none }), close: () => undefined };
}

const writeBytes = 8 << 20;

/** Sentences that are in no table, in a flat file of their own: of each document first `first`, then `impactful`. */
export class ScratchSentences implements SentenceStore {
  /** Sentences of the last document asked for. */
  private both = new Int32Array(0);

  private constructor(
    private readonly path: string,
    private readonly file: number,
    readonly documents: readonly number[],
    /** Byte offsets, and how many sentences there are. */
    private readonly offsets: readonly number[],
    private readonly counts: readonly number[],
  ) {}

  /** Writes the file at `path`; `close()` removes it. */
  static async build(path: string, made: AsyncIterable<SourceDocument>): Promise<ScratchSentences> {
    const documents: number[] = [];
    const offsets: number[] = [];
    const counts: number[] = [];
    try {
      const file = await open(path, "w");
      try {
        let pending: Uint8Array[] = [];
        let pendingBytes = 0;
        let offset = 0;
        const flush = async (): Promise<void> => {
          if (pending.length > 0) await file.writev(pending);
          pending = [];
          pendingBytes = 0;
        };
        for await (const { document, first, impactful } of made) {
          documents.push(document);
          offsets.push(offset);
          counts.push(first.length);
          for (const values of [first, impactful]) {
            if (values.length === 0) continue;
            pending.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
            pendingBytes += values.byteLength;
            offset += values.byteLength;
          }
          if (pendingBytes >= writeBytes || pending.length >= 1000) await flush();
        }
        await flush();
      } finally {
        await file.close();
      }
      return new ScratchSentences(path, openSync(path, "r"), documents, offsets, counts);
    } catch (error) {
      rmSync(path, { force: true });
      throw fileFault(error, "write", path);
    }
  }

  sentences(index: number): { first: Int32Array; impactful: Int32Array } {
    const count = this.counts[index] ?? 0;
    if (this.both.length < count * 2) this.both = new Int32Array(count * 2);
    readInts(this.file, this.path, this.offsets[index] ?? 0, this.both, 0, count * 2);
    return { first: this.both.subarray(0, count), impactful: this.both.subarray(count, count * 2) };
  }

  close(): void {
    closeSync(this.file);
    rmSync(this.path, { force: true });
  }
}
