/**
 * A tokenized corpus on disk with random access: ids and sentences of every document in one flat scratch file, only
 * the sizes in memory. Samples take documents in random order; Arrow tables are read whole batches at a time.
 */
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import type { SampleSource } from "../../recipe/samples.js";
import type { DocumentSize } from "../../recipe/stretches.js";
import { fileFault } from "../tables/faults.js";

/** A document as it goes in. `first` and `impactful` have one element a sentence. */
export interface SourceDocument {
  readonly document: number;
  readonly ids: Int32Array;
  readonly first: Int32Array;
  readonly impactful: Int32Array;
}

const writeBytes = 8 << 20;

export class DiskSource implements SampleSource {
  /** Sentences of the last document asked for. */
  private both = new Int32Array(0);

  private constructor(
    private readonly path: string,
    private readonly file: number,
    readonly sizes: readonly DocumentSize[],
    private readonly documents: readonly number[],
    /** Byte offset of each document, then of the end. */
    private readonly offsets: readonly number[],
    private readonly sentenceCounts: readonly number[],
  ) {}

  /** Writes the scratch file at `path`; `close()` removes it. */
  static async build(path: string, documents: AsyncIterable<SourceDocument>): Promise<DiskSource> {
    const sizes: DocumentSize[] = [];
    const numbers: number[] = [];
    const offsets = [0];
    const sentenceCounts: number[] = [];
    try {
      const file = await open(path, "w");
      try {
        let pending: Uint8Array[] = [];
        let pendingBytes = 0;
        const flush = async (): Promise<void> => {
          if (pending.length > 0) await file.writev(pending);
          pending = [];
          pendingBytes = 0;
        };
        for await (const { document, ids, first, impactful } of documents) {
          numbers.push(document);
          sizes.push({ tokens: ids.length, impactful: impactful.reduce((sum, count) => sum + count, 0) });
          sentenceCounts.push(first.length);
          let bytes = 0;
          for (const values of [ids, first, impactful]) {
            pending.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
            bytes += values.byteLength;
          }
          offsets.push((offsets.at(-1) ?? 0) + bytes);
          pendingBytes += bytes;
          if (pendingBytes >= writeBytes || pending.length >= 1000) await flush();
        }
        await flush();
      } finally {
        await file.close();
      }
      return new DiskSource(path, openSync(path, "r"), sizes, numbers, offsets, sentenceCounts);
    } catch (error) {
      rmSync(path, { force: true });
      throw fileFault(error, "write", path);
    }
  }

  document(index: number): number {
    return this.documents[index] ?? 0;
  }

  read(index: number, first: number, end: number, target: Int32Array, at: number): void {
    this.readInts((this.offsets[index] ?? 0) + first * 4, target, at, end - first);
  }

  sentences(index: number): { first: Int32Array; impactful: Int32Array } {
    const count = this.sentenceCounts[index] ?? 0;
    if (this.both.length < count * 2) this.both = new Int32Array(count * 2);
    this.readInts((this.offsets[index] ?? 0) + (this.sizes[index]?.tokens ?? 0) * 4, this.both, 0, count * 2);
    return { first: this.both.subarray(0, count), impactful: this.both.subarray(count, count * 2) };
  }

  /** Closes and removes the scratch file. */
  close(): void {
    closeSync(this.file);
    rmSync(this.path, { force: true });
  }

  private readInts(position: number, target: Int32Array, at: number, count: number): void {
    if (count === 0) return;
    const read = readSync(this.file, target, at * 4, count * 4, position);
    if (read !== count * 4) throw new Error(`${this.path} ends too early`);
  }
}
