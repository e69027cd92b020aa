/**
 * A tokenized corpus on disk with random access: ids where they lie in the tokens table, the sentences of every
 * document in one flat scratch file, only places and sizes in memory. Samples take documents in random order; Arrow
 * tables are read whole batches at a time.
 */
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import type { SampleSource } from "../../recipe/samples.js";
import type { DocumentSize } from "../../recipe/stretches.js";
import { fileFault } from "../tables/faults.js";
import { missingDocument } from "./join.js";
import type { TokenIndex } from "./tokenIndex.js";

/** The sentences of a document. `first` and `impactful` have one element a sentence. */
export interface SourceDocument {
  readonly document: number;
  readonly first: Int32Array;
  readonly impactful: Int32Array;
}

/** Columns by document; offsets are bytes. */
class Places {
  readonly sizes: DocumentSize[] = [];
  readonly documents: number[] = [];
  /** In the tokens table. */
  readonly ids: number[] = [];
  /** In the scratch file, and how many sentences there are. */
  readonly sentences: number[] = [];
  readonly counts: number[] = [];
}

const writeBytes = 8 << 20;
const intBytes = Int32Array.BYTES_PER_ELEMENT;

export class DiskSource implements SampleSource {
  /** Sentences of the last document asked for. */
  private both = new Int32Array(0);

  private constructor(
    private readonly path: string,
    private readonly scratch: number,
    private readonly tokensPath: string,
    private readonly tokens: number,
    private readonly places: Places,
  ) {}

  /**
   * Writes the scratch file at `path`; `close()` removes it.
   * @param tokens the tokens table, which must stay as it is until `close()`
   * @throws UserError where it lacks a document
   */
  static async build(path: string, tokens: TokenIndex, documents: AsyncIterable<SourceDocument>): Promise<DiskSource> {
    const places = new Places();
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
        for await (const { document, first, impactful } of documents) {
          const found = tokens.find(document);
          if (found === null) throw missingDocument(tokens.path, document);
          places.documents.push(document);
          places.ids.push(found.position);
          places.sizes.push({ tokens: found.tokens, impactful: impactful.reduce((sum, count) => sum + count, 0) });
          places.sentences.push(offset);
          places.counts.push(first.length);
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
      return new DiskSource(path, openSync(path, "r"), tokens.path, openSync(tokens.path, "r"), places);
    } catch (error) {
      rmSync(path, { force: true });
      throw fileFault(error, "write", path);
    }
  }

  get sizes(): readonly DocumentSize[] {
    return this.places.sizes;
  }

  document(index: number): number {
    return this.places.documents[index] ?? 0;
  }

  read(index: number, first: number, end: number, target: Int32Array, at: number): void {
    readInts(this.tokens, this.tokensPath, (this.places.ids[index] ?? 0) + first * intBytes, target, at, end - first);
  }

  sentences(index: number): { first: Int32Array; impactful: Int32Array } {
    const count = this.places.counts[index] ?? 0;
    if (this.both.length < count * 2) this.both = new Int32Array(count * 2);
    readInts(this.scratch, this.path, this.places.sentences[index] ?? 0, this.both, 0, count * 2);
    return { first: this.both.subarray(0, count), impactful: this.both.subarray(count, count * 2) };
  }

  /** Closes both files and removes the scratch file. */
  close(): void {
    closeSync(this.tokens);
    closeSync(this.scratch);
    rmSync(this.path, { force: true });
  }
}

/** Fills target[at, at + count) from a byte offset on. */
function readInts(file: number, path: string, position: number, target: Int32Array, at: number, count: number): void {
  if (count === 0) return;
  const read = readSync(file, target, at * intBytes, count * intBytes, position);
  if (read !== count * intBytes) throw new Error(`${path} ends too early`);
}
