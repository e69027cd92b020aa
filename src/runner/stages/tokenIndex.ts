/** Where the token ids of each document lie in a tokens table: samples read them in place, nothing is copied. */
import { bisectLeft } from "d3-array";
import { TableCells } from "../tables/cells.js";

export class TokenIndex {
  private constructor(
    readonly path: string,
    /** Ascending. */
    private readonly documents: readonly number[],
    /** Byte offset of each document's first id. */
    private readonly positions: readonly number[],
    private readonly counts: readonly number[],
  ) {}

  /** Reads numbers and lengths alone. @throws UserError when the table is missing, torn, or has other columns */
  static async open(path: string): Promise<TokenIndex> {
    const cells = await TableCells.open(path, "tokens");
    const documents: number[] = [];
    const positions: number[] = [];
    const counts: number[] = [];
    try {
      for (let batch = 0; batch < cells.batches; batch++) {
        const offsets = await cells.offsets(batch, "ids");
        const start = await cells.listPosition(batch, "ids");
        (await cells.int32(batch, "document")).forEach((document, row) => {
          const first = offsets[row] ?? 0;
          documents.push(document);
          positions.push(start + first * Int32Array.BYTES_PER_ELEMENT);
          counts.push((offsets[row + 1] ?? first) - first);
        });
      }
    } finally {
      await cells.close();
    }
    return new TokenIndex(path, documents, positions, counts);
  }

  /** Documents in the order of the table. */
  get all(): readonly number[] {
    return this.documents;
  }

  /** Place and number of a document's ids; null where the table has no such document. */
  find(document: number): { readonly position: number; readonly tokens: number } | null {
    const row = bisectLeft(this.documents, document);
    if (this.documents[row] !== document) return null;
    return { position: this.positions[row] ?? 0, tokens: this.counts[row] ?? 0 };
  }
}
