/** Tables of one corpus read side by side, joined by their document number. */
import { exitCode, UserError } from "../../protocol/errors.js";
import type { RowOf, TableName, tables } from "../tables/columns.js";
import { readRows } from "../tables/reader.js";

type Row<N extends TableName> = RowOf<(typeof tables)[N]>;
type DocumentTable = "documents" | "tokens" | "scores" | "significance";

/** Takes rows of one table by ascending document number. */
export class DocumentCursor<N extends DocumentTable> {
  private readonly rows: AsyncGenerator<Row<N>>;

  constructor(
    private readonly path: string,
    table: N,
  ) {
    this.rows = readRows(path, table);
  }

  /** The row of a document; passes over rows before it. @throws UserError where it has none. */
  async take(document: number): Promise<Row<N>> {
    for (;;) {
      const next = await this.rows.next();
      if (next.done === true || next.value.document > document) throw missingDocument(this.path, document);
      if (next.value.document === document) return next.value;
    }
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.rows.return(undefined);
  }
}

export function missingDocument(path: string, document: number): UserError {
  return new UserError(
    "table-incomplete",
    `${path} lacks document ${document}.`,
    "Remove the folder of the stage that wrote it and start the run again.",
    exitCode.internal,
  );
}
