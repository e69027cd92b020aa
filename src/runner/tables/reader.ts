/** Reading tables: batch by batch from the file, columns checked first. Memory is bounded by the largest batch. */
import { DataType, Precision, RecordBatchReader, type RecordBatch, type Schema } from "apache-arrow";
import { open } from "node:fs/promises";
import { messageOf } from "../../protocol/errors.js";
import { tables, type ColumnType, type RowOf, type TableName } from "./columns.js";
import { brokenTable, fileFault } from "./faults.js";

/** Cells of one column of a batch by row; list cells are views on the batch's memory. */
type CellReader = (row: number) => number | string | Int32Array | Float32Array | readonly string[];

/** One batch: its rows by number, and whole plain columns as typed arrays. */
export interface TableBatch<N extends TableName> {
  readonly length: number;
  row(index: number): RowOf<(typeof tables)[N]>;
  /** The values of an int32 column. */
  int32(column: keyof (typeof tables)[N] & string): Int32Array;
  /** The values of a float32 column. */
  float32(column: keyof (typeof tables)[N] & string): Float32Array;
}

/** Batches of a table in order. @throws UserError when the file is missing, torn, or has other columns. */
export async function* readBatches<N extends TableName>(path: string, table: N): AsyncGenerator<TableBatch<N>> {
  const file = await open(path).catch((error: unknown) => {
    throw fileFault(error, "read", path);
  });
  try {
    const reader = await openReader(path, () => RecordBatchReader.from(file));
    checkColumns(path, table, reader.schema);
    for (let index = 0; index < reader.numRecordBatches; index++) {
      const batch = await openReader(path, async () => reader.readRecordBatch(index));
      if (batch !== null && batch.numRows > 0) yield tableBatch(path, table, batch);
    }
  } finally {
    await file.close().catch(() => undefined);
  }
}

/** Rows of a table in order; list cells stay valid after the next row is read. */
export async function* readRows<N extends TableName>(path: string, table: N): AsyncGenerator<RowOf<(typeof tables)[N]>> {
  for await (const batch of readBatches(path, table)) {
    for (let row = 0; row < batch.length; row++) yield batch.row(row);
  }
}

/** All rows at once; for tables known to be small. */
export async function readAll<N extends TableName>(path: string, table: N): Promise<RowOf<(typeof tables)[N]>[]> {
  const rows: RowOf<(typeof tables)[N]>[] = [];
  for await (const row of readRows(path, table)) rows.push(row);
  return rows;
}

async function openReader<R>(path: string, action: () => Promise<R>): Promise<R extends { open(): infer O } ? Awaited<O> : R>;
async function openReader(path: string, action: () => Promise<unknown>): Promise<unknown> {
  try {
    const result = await action();
    if (result instanceof RecordBatchReader) return await result.open({ autoDestroy: false });
    return result;
  } catch (error) {
    throw brokenTable(path, messageOf(error));
  }
}

/** The field name of a list's elements differs between writers and does not matter. */
function matches(type: unknown, expected: ColumnType): boolean {
  switch (expected) {
    case "int32":
      return DataType.isInt(type) && type.isSigned && type.bitWidth === 32;
    case "float32":
      return DataType.isFloat(type) && type.precision === Precision.SINGLE;
    case "utf8":
      return DataType.isUtf8(type);
    case "list<int32>":
      return DataType.isList(type) && matches(type.children[0]?.type, "int32");
    case "list<float32>":
      return DataType.isList(type) && matches(type.children[0]?.type, "float32");
    case "list<utf8>":
      return DataType.isList(type) && matches(type.children[0]?.type, "utf8");
  }
}

function checkColumns(path: string, table: TableName, schema: Schema): void {
  for (const [name, type] of Object.entries<ColumnType>(tables[table])) {
    const field = schema.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw brokenTable(path, `as ${table} it lacks the column ${name}`);
    if (!matches(field.type, type)) throw brokenTable(path, `column ${name} is not ${type}`);
  }
}

function tableBatch<N extends TableName>(path: string, table: N, batch: RecordBatch): TableBatch<N> {
  const columns = Object.entries<ColumnType>(tables[table]);
  const readers = columns.map(([name, type]) => [name, cellReader(path, batch, name, type)] as const);
  return {
    length: batch.numRows,
    row: (index) => Object.fromEntries(readers.map(([name, read]) => [name, read(index)])) as RowOf<(typeof tables)[N]>,
    int32: (name) => plain(path, batch, name, Int32Array),
    float32: (name) => plain(path, batch, name, Float32Array),
  };
}

function column(path: string, batch: RecordBatch, name: string) {
  const vector = batch.getChild(name);
  const data = vector?.data[0];
  if (vector == null || data === undefined) throw brokenTable(path, `it lacks the column ${name}`);
  if (data.nullCount > 0) throw brokenTable(path, `column ${name} has empty cells`);
  return { vector, data };
}

function plain<A extends Int32Array | Float32Array>(path: string, batch: RecordBatch, name: string, ArrayType: new () => A): A {
  const values: unknown = column(path, batch, name).data.values;
  if (!(values instanceof ArrayType)) throw brokenTable(path, `column ${name} has another type`);
  return values.subarray(0, batch.numRows) as A;
}

function cellReader(path: string, batch: RecordBatch, name: string, type: ColumnType): CellReader {
  switch (type) {
    case "int32":
      return indexed(plain(path, batch, name, Int32Array));
    case "float32":
      return indexed(plain(path, batch, name, Float32Array));
    case "utf8": {
      const { vector } = column(path, batch, name);
      return (row) => String(vector.get(row));
    }
    case "list<int32>":
      return listReader(path, batch, name, Int32Array);
    case "list<float32>":
      return listReader(path, batch, name, Float32Array);
    case "list<utf8>": {
      const { vector } = column(path, batch, name);
      return (row) => Array.from(vector.get(row) as Iterable<unknown>, String);
    }
  }
}

function indexed(values: Int32Array | Float32Array): CellReader {
  return (row) => values[row] ?? 0;
}

function listReader(path: string, batch: RecordBatch, name: string, ArrayType: new () => Int32Array | Float32Array): CellReader {
  const { data } = column(path, batch, name);
  const offsets: unknown = data.valueOffsets;
  const values: unknown = data.children[0]?.values;
  if (batch.numRows > 0 && (!(offsets instanceof Int32Array) || !(values instanceof ArrayType))) {
    throw brokenTable(path, `column ${name} has another type`);
  }
  const starts = offsets as Int32Array;
  const flat = values as Int32Array;
  return (row) => flat.subarray(starts[row], starts[row + 1]);
}
