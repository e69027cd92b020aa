/**
 * Random access to the cells of a table: only the bytes that are asked for are read, by their place in the file.
 * For readers that want one row of a table of gigabytes; who reads everything takes reader.ts.
 */
import { open, type FileHandle } from "node:fs/promises";
import { Footer, type FileBlock } from "apache-arrow/ipc/metadata/file";
import { Message } from "apache-arrow/ipc/metadata/message";
import { tables, type ColumnType, type TableName } from "./columns.js";
import { brokenTable, fileFault } from "./faults.js";

const magic = "ARROW1";

/** A stretch of bytes in the file. */
interface Region {
  readonly position: number;
  readonly bytes: number;
}

interface Batch {
  readonly rows: number;
  /** Buffers of each column without the bitmaps of validity: values; or offsets, then values. */
  readonly columns: ReadonlyMap<string, readonly Region[]>;
}

export class TableCells<N extends TableName> {
  private readonly known = new Map<number, Batch>();

  private constructor(
    private readonly path: string,
    private readonly table: N,
    private readonly file: FileHandle,
    private readonly fields: readonly string[],
    private readonly blocks: readonly FileBlock[],
  ) {}

  /** @throws UserError when the file is missing, torn, or has other columns. */
  static async open<N extends TableName>(path: string, table: N): Promise<TableCells<N>> {
    const file = await open(path).catch((error: unknown) => {
      throw fileFault(error, "read", path);
    });
    try {
      const footer = await readFooter(file, path);
      const fields = footer.schema.fields.map(({ name }) => name);
      const missing = Object.keys(tables[table]).find((name) => !fields.includes(name));
      if (missing !== undefined) throw brokenTable(path, `as ${table} it lacks the column ${missing}`);
      const blocks = Array.from({ length: footer.numRecordBatches }, (_, at) => footer.getRecordBatch(at)).filter(
        (block) => block !== null,
      );
      return new TableCells(path, table, file, fields, blocks);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Number of batches. */
  get batches(): number {
    return this.blocks.length;
  }

  async rows(batch: number): Promise<number> {
    return (await this.batch(batch)).rows;
  }

  /**
   * All values of an int32 column of a batch.
   * @param memory to be used again, where it is large enough
   */
  async int32(batch: number, column: keyof (typeof tables)[N] & string, memory?: Int32Array): Promise<Int32Array> {
    const { rows, columns } = await this.batch(batch);
    return this.values(Int32Array, this.region(columns, column, 0), 0, rows, memory);
  }

  /** All values of a float32 column of a batch. */
  async float32(batch: number, column: keyof (typeof tables)[N] & string): Promise<Float32Array> {
    const { rows, columns } = await this.batch(batch);
    return this.values(Float32Array, this.region(columns, column, 0), 0, rows);
  }

  /** Cells of a utf8 column of a batch: all, or rows [from, to). */
  async strings(batch: number, column: keyof (typeof tables)[N] & string, from = 0, to?: number): Promise<string[]> {
    const offsets = (await this.offsets(batch, column)).subarray(from, to === undefined ? undefined : to + 1);
    const { columns } = await this.batch(batch);
    const first = offsets[0] ?? 0;
    const region = this.region(columns, column, 1);
    const bytes = await this.values(Uint8Array, region, first, offsets.at(-1) ?? first);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: Math.max(0, offsets.length - 1) }, (_, row) =>
      text.toString("utf8", (offsets[row] ?? 0) - first, (offsets[row + 1] ?? 0) - first),
    );
  }

  /** Where the cells of a list or utf8 column begin, and where the last one ends: one more than there are rows. */
  async offsets(batch: number, column: keyof (typeof tables)[N] & string): Promise<Int32Array> {
    const { rows, columns } = await this.batch(batch);
    if (rows === 0) return new Int32Array(1);
    return this.values(Int32Array, this.region(columns, column, 0), 0, rows + 1);
  }

  /** Values [from, to) of a list<int32> column, counted through the batch as `offsets` does. */
  async int32List(batch: number, column: keyof (typeof tables)[N] & string, from: number, to: number): Promise<Int32Array> {
    const { columns } = await this.batch(batch);
    return this.values(Int32Array, this.region(columns, column, 1), from, to);
  }

  /** Byte in the file at which the values of an int32 or float32 column of a batch begin. */
  async position(batch: number, column: keyof (typeof tables)[N] & string): Promise<number> {
    const { columns } = await this.batch(batch);
    return this.region(columns, column, 0).position;
  }

  /** Byte in the file at which the values of a list column of a batch begin; cell i begins `offsets[i]` values later. */
  async listPosition(batch: number, column: keyof (typeof tables)[N] & string): Promise<number> {
    const { rows, columns } = await this.batch(batch);
    return rows === 0 ? 0 : this.region(columns, column, 1).position;
  }

  /** Values [from, to) of a list<float32> column, counted through the batch as `offsets` does. */
  async float32List(batch: number, column: keyof (typeof tables)[N] & string, from: number, to: number): Promise<Float32Array> {
    const { columns } = await this.batch(batch);
    return this.values(Float32Array, this.region(columns, column, 1), from, to);
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async batch(index: number): Promise<Batch> {
    const known = this.known.get(index);
    if (known !== undefined) return known;
    const block = this.blocks[index];
    if (block === undefined) throw new RangeError(`${this.path} has no batch ${String(index)}`);
    const bytes = await read(this.file, this.path, block.offset, block.metaDataLength);
    // The message stands behind its length, before which a newer writer puts a mark.
    const start = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true) === -1 ? 8 : 4;
    const message = Message.decode(bytes.subarray(start));
    if (!message.isRecordBatch()) throw brokenTable(this.path, "a record batch was expected");
    const header = message.header();
    if (header.compression !== null) throw brokenTable(this.path, "it is compressed");
    const body = block.offset + block.metaDataLength;
    const columns = new Map<string, readonly Region[]>();
    let buffer = 0;
    const types: Readonly<Record<string, ColumnType>> = tables[this.table];
    for (const name of this.fields) {
      const type = types[name];
      // Columns that we do not know can only come after those that we do: what they hold is not looked at.
      if (type === undefined) break;
      const regions = buffersOf(type).flatMap((used) => {
        const found = header.buffers[buffer++];
        if (found === undefined) throw brokenTable(this.path, `column ${name} lacks a buffer`);
        return used ? [{ position: body + found.offset, bytes: found.length }] : [];
      });
      columns.set(name, regions);
    }
    const made = { rows: header.length, columns };
    this.known.set(index, made);
    return made;
  }

  private region(columns: Batch["columns"], name: string, at: number): Region {
    const region = columns.get(name)?.[at];
    if (region === undefined) throw brokenTable(this.path, `column ${name} stands behind columns that are not known`);
    return region;
  }

  /** Elements [from, to) of a region, in memory of their own unless it is given. */
  private async values<A extends Int32Array | Float32Array | Uint8Array>(
    ArrayType: { new (length: number): A; readonly BYTES_PER_ELEMENT: number },
    region: Region,
    from: number,
    to: number,
    memory?: A,
  ): Promise<A> {
    const size = ArrayType.BYTES_PER_ELEMENT;
    if (from < 0 || to < from || to * size > region.bytes) throw brokenTable(this.path, "a cell lies outside of its column");
    const count = to - from;
    const values = memory !== undefined && memory.length >= count ? (memory.subarray(0, count) as A) : new ArrayType(count);
    await readInto(
      this.file,
      this.path,
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      region.position + from * size,
    );
    return values;
  }
}

/** Opens a table for as long as it is used. */
export async function withTable<N extends TableName, R>(path: string, name: N, use: (table: TableCells<N>) => Promise<R>): Promise<R> {
  const table = await TableCells.open(path, name);
  try {
    return await use(table);
  } finally {
    await table.close();
  }
}

/** The buffers of a column in their order; true: one that is read. The others say which cells are empty; ours has none. */
function buffersOf(type: ColumnType): readonly boolean[] {
  switch (type) {
    case "int32":
    case "float32":
      return [false, true];
    case "utf8":
      return [false, true, true];
    case "list<int32>":
    case "list<float32>":
      return [false, true, false, true];
    case "list<utf8>":
      return [false, true, false, true, true];
  }
}

async function readFooter(file: FileHandle, path: string): Promise<Footer> {
  const { size } = await file.stat();
  const tail = magic.length + 4;
  if (size < tail + magic.length + 2) throw brokenTable(path, "it is too short");
  const end = await read(file, path, size - tail, tail);
  if (Buffer.from(end.subarray(4)).toString("latin1") !== magic) throw brokenTable(path, "its end is missing");
  const length = new DataView(end.buffer, end.byteOffset).getInt32(0, true);
  if (length <= 0 || length > size - tail) throw brokenTable(path, "its table of contents is damaged");
  return Footer.decode(await read(file, path, size - tail - length, length));
}

async function read(file: FileHandle, path: string, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await readInto(file, path, bytes, position);
  return bytes;
}

async function readInto(file: FileHandle, path: string, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw brokenTable(path, "it ends too early");
    done += bytesRead;
  }
}
