/** The sentences of the selection table, read where they lie: nothing is copied. */
import { bisector } from "d3-array";
import { closeSync, openSync } from "node:fs";
import { TableCells } from "../tables/cells.js";
import { fileFault } from "../tables/faults.js";
import { readInts } from "./readInts.js";
import type { SentenceStore } from "./sentenceStore.js";

const intBytes = Int32Array.BYTES_PER_ELEMENT;

/** Rows of one document that stand together in one batch, by columns: there may be millions. */
class Pieces {
  readonly rows: number[] = [];
  /** Byte offsets of their cells. */
  readonly first: number[] = [];
  readonly impactful: number[] = [];
}

export class SelectedSentences implements SentenceStore {
  private first = new Int32Array(0);
  private impacts = new Int32Array(0);

  private constructor(
    private readonly path: string,
    private readonly file: number,
    readonly documents: readonly number[],
    /** Number of each document's first piece. */
    private readonly from: readonly number[],
    private readonly pieces: Pieces,
  ) {}

  /**
   * Looks where the rows of each document are.
   * @param path selection table; the rows of a document follow each other
   * @throws UserError when the table is missing, torn, or has other columns
   */
  static async open(path: string): Promise<SelectedSentences> {
    const documents: number[] = [];
    const from: number[] = [];
    const pieces = new Pieces();
    const cells = await TableCells.open(path, "selection");
    try {
      let numbers: Int32Array = new Int32Array(0);
      for (let batch = 0; batch < cells.batches; batch++) {
        numbers = await cells.int32(batch, "document", numbers);
        const at = { first: await cells.position(batch, "first"), impactful: await cells.position(batch, "impactful") };
        for (let row = 0; row < numbers.length;) {
          const document = numbers[row] ?? 0;
          const begun = row;
          // The rows of a document follow each other, so that its last one can be searched for.
          row = bisector((number: number) => Number(number !== document)).left(numbers, 1, begun);
          if (documents.at(-1) !== document) {
            documents.push(document);
            from.push(pieces.rows.length);
          }
          pieces.rows.push(row - begun);
          pieces.first.push(at.first + begun * intBytes);
          pieces.impactful.push(at.impactful + begun * intBytes);
        }
      }
    } finally {
      await cells.close();
    }
    try {
      return new SelectedSentences(path, openSync(path, "r"), documents, from, pieces);
    } catch (error) {
      throw fileFault(error, "read", path);
    }
  }

  sentences(index: number): { first: Int32Array; impactful: Int32Array } {
    const { rows, first, impactful } = this.pieces;
    const begin = this.from[index] ?? 0;
    const end = this.from[index + 1] ?? rows.length;
    let count = 0;
    for (let piece = begin; piece < end; piece++) count += rows[piece] ?? 0;
    if (this.first.length < count) {
      this.first = new Int32Array(count);
      this.impacts = new Int32Array(count);
    }
    let filled = 0;
    for (let piece = begin; piece < end; piece++) {
      readInts(this.file, this.path, first[piece] ?? 0, this.first, filled, rows[piece] ?? 0);
      readInts(this.file, this.path, impactful[piece] ?? 0, this.impacts, filled, rows[piece] ?? 0);
      filled += rows[piece] ?? 0;
    }
    return { first: this.first.subarray(0, count), impactful: this.impacts.subarray(0, count) };
  }

  close(): void {
    closeSync(this.file);
  }
}
