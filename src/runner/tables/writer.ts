/** Writing tables: streamed batch by batch into a file beside the target, synced, then renamed into place. */
import { AsyncByteQueue, RecordBatchFileWriter, type Schema } from "apache-arrow";
import { rename, rm } from "node:fs/promises";
import { buildBatch, type Cell, type ColumnValues } from "./batch.js";
import { arrowSchema, tables, type RowOf, type TableColumns, type TableName } from "./columns.js";
import { fileFault } from "./faults.js";
import { OutputFile } from "./outputFile.js";

/** A batch is written when its cells hold about this many bytes: memory stays bounded, batches stay worth reading. */
export const batchBytes = 4 << 20;

/** Keeps what Arrow's writer produces until it is written to the file. */
class ChunkSink extends AsyncByteQueue {
  readonly chunks: Uint8Array[] = [];
  override write(value: ArrayBufferView | ArrayBuffer | Uint8Array): void {
    if (value instanceof Uint8Array) this.chunks.push(value);
    else if (ArrayBuffer.isView(value)) this.chunks.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else this.chunks.push(new Uint8Array(value));
  }
}

/** Writer of one table. Until `close()` has returned, nothing exists under the final name. */
export class TableWriter<C extends TableColumns> {
  private readonly schema: Schema;
  private readonly sink = new ChunkSink();
  private readonly arrow = new RecordBatchFileWriter({ autoDestroy: false });
  private rows: RowOf<C>[] = [];
  private bytes = 0;
  private written = 0;

  private constructor(
    private readonly path: string,
    private readonly temporary: string,
    private readonly file: OutputFile,
    private readonly columns: C,
  ) {
    this.schema = arrowSchema(columns);
    this.arrow.reset(this.sink, this.schema);
  }

  /** @throws UserError when the file cannot be made. */
  static async create<N extends TableName>(path: string, table: N): Promise<TableWriter<(typeof tables)[N]>> {
    // One name, so that what a killed runner left is written over; a run has one runner at a time.
    const temporary = `${path}.partial`;
    try {
      return new TableWriter(path, temporary, await OutputFile.create(temporary), tables[table]);
    } catch (error) {
      throw fileFault(error, "write", path);
    }
  }

  /** Rows appended so far. */
  get count(): number {
    return this.written + this.rows.length;
  }

  /** Rows appended and not written yet: their arrays are still needed. */
  get pending(): number {
    return this.rows.length;
  }

  /** Adds a row. The arrays in it must not change until the next `flush()`. */
  async append(row: RowOf<C>): Promise<void> {
    this.rows.push(row);
    // Rows may bring more than the table has.
    for (const name of Object.keys(this.columns)) this.bytes += cellBytes((row as Readonly<Record<string, Cell>>)[name] ?? 0);
    if (this.bytes >= batchBytes) await this.flush();
  }

  /** Adds `length` rows given by columns, as a batch of their own. */
  async appendColumns(values: { readonly [K in keyof C]: ColumnValues }, length: number): Promise<void> {
    await this.flush();
    if (length === 0) return;
    this.arrow.write(buildBatch(this.schema, this.columns, values, length));
    this.written += length;
    await this.drain();
  }

  async flush(): Promise<void> {
    const rows = this.rows;
    if (rows.length === 0) return;
    const values: Record<string, Cell[]> = {};
    for (const name of Object.keys(this.columns)) values[name] = rows.map((row) => (row as Readonly<Record<string, Cell>>)[name] ?? "");
    this.arrow.write(buildBatch(this.schema, this.columns, values, rows.length));
    this.written += rows.length;
    this.rows = [];
    this.bytes = 0;
    await this.drain();
  }

  /** Writes what is left, syncs, and gives the table its name. */
  async close(): Promise<void> {
    try {
      await this.flush();
      this.arrow.finish();
      await this.drain();
      await this.file.finish();
      await this.file.close();
      await rename(this.temporary, this.path);
    } catch (error) {
      await this.abort();
      throw fileFault(error, "write", this.path);
    }
  }

  /** Gives up: removes what was written. */
  async abort(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await rm(this.temporary, { force: true });
  }

  private async drain(): Promise<void> {
    try {
      for (const chunk of this.sink.chunks.splice(0)) await this.file.write(chunk);
    } catch (error) {
      throw fileFault(error, "write", this.path);
    }
  }
}

function cellBytes(cell: Cell): number {
  if (typeof cell === "number") return 4;
  if (typeof cell === "string") return cell.length;
  if ("byteLength" in cell) return cell.byteLength;
  return cell.reduce((sum, text) => sum + text.length, 0);
}

/** Writes a whole table with `fill`; on any fault nothing is left behind. Returns what `fill` returned. */
export async function writeTable<N extends TableName, R>(
  path: string,
  table: N,
  fill: (writer: TableWriter<(typeof tables)[N]>) => Promise<R>,
): Promise<R> {
  const writer = await TableWriter.create(path, table);
  try {
    const result = await fill(writer);
    await writer.close();
    return result;
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
