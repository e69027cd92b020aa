/** Arrow record batches straight from typed arrays: no builder, no call per value. */
import { Field, Float32, Int32, List, makeData, RecordBatch, Struct, Utf8, type Data, type Schema } from "apache-arrow";
import type { ColumnType, TableColumns } from "./columns.js";

export type Cell = number | string | Int32Array | Float32Array | readonly string[];

/** A whole column of one batch: plain values, or the cells of a utf8 or list column. */
export type ColumnValues = Int32Array | Float32Array | readonly Cell[];

/** Builds one batch of `length` rows; throws a TypeError where a value does not fit its column. */
export function buildBatch(
  schema: Schema,
  columns: TableColumns,
  values: Readonly<Record<string, ColumnValues | undefined>>,
  length: number,
): RecordBatch {
  const children = Object.entries(columns).map(([name, type]) => {
    const column = values[name];
    if (column?.length !== length) throw new TypeError(`column ${name}: ${column?.length ?? 0} values for ${length} rows`);
    return columnData(name, type, column);
  });
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

function columnData(name: string, type: ColumnType, column: ColumnValues): Data {
  switch (type) {
    case "int32":
      return makeData({ type: new Int32(), data: column instanceof Int32Array ? column : Int32Array.from(column, numeric(name)) });
    case "float32":
      return makeData({ type: new Float32(), data: column instanceof Float32Array ? column : Float32Array.from(column, numeric(name)) });
    case "utf8":
      return utf8Data(name, column);
    case "list<int32>": {
      const { valueOffsets, values } = concatenate(name, column, Int32Array);
      const child = makeData({ type: new Int32(), data: values });
      return makeData({ type: new List(new Field("item", new Int32(), true)), length: column.length, nullCount: 0, valueOffsets, child });
    }
    case "list<float32>": {
      const { valueOffsets, values } = concatenate(name, column, Float32Array);
      const child = makeData({ type: new Float32(), data: values });
      return makeData({ type: new List(new Field("item", new Float32(), true)), length: column.length, nullCount: 0, valueOffsets, child });
    }
    case "list<utf8>":
      return utf8ListData(name, column);
  }
}

function numeric(name: string): (value: Cell) => number {
  return (value) => {
    if (typeof value !== "number") throw new TypeError(`column ${name}: a number is needed`);
    return value;
  };
}

function utf8Data(name: string, column: ColumnValues): Data<Utf8> {
  const encoded = Array.from(column, (cell) => {
    if (typeof cell !== "string") throw new TypeError(`column ${name}: a text is needed`);
    return Buffer.from(cell, "utf8");
  });
  const valueOffsets = new Int32Array(encoded.length + 1);
  encoded.forEach((bytes, row) => (valueOffsets[row + 1] = (valueOffsets[row] ?? 0) + bytes.length));
  return makeData({ type: new Utf8(), length: encoded.length, nullCount: 0, valueOffsets, data: Buffer.concat(encoded) });
}

function utf8ListData(name: string, column: ColumnValues): Data {
  const texts: string[] = [];
  const valueOffsets = new Int32Array(column.length + 1);
  column.forEach((cell, row) => {
    if (typeof cell !== "object" || !Array.isArray(cell)) throw new TypeError(`column ${name}: a list of texts is needed`);
    for (const text of cell as readonly string[]) texts.push(text);
    valueOffsets[row + 1] = texts.length;
  });
  const child: Data<Utf8> = utf8Data(name, texts);
  return makeData({ type: new List(new Field("item", new Utf8(), true)), length: column.length, nullCount: 0, valueOffsets, child });
}

interface NumberArrayConstructor<A> {
  new (length: number): A;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
}

function concatenate<A extends Int32Array | Float32Array>(
  name: string,
  column: ColumnValues,
  ArrayType: NumberArrayConstructor<A>,
): { valueOffsets: Int32Array; values: A } {
  const valueOffsets = new Int32Array(column.length + 1);
  let total = 0;
  let first: A | null = null;
  let neighbours = true;
  for (let row = 0; row < column.length; row++) {
    const cell = column[row];
    if (!(cell instanceof ArrayType)) throw new TypeError(`column ${name}: a typed array is needed`);
    first ??= cell;
    neighbours &&= cell.buffer === first.buffer && cell.byteOffset === first.byteOffset + total * 4;
    total += cell.length;
    valueOffsets[row + 1] = total;
  }
  // Cells that lie one behind the other, as an arena gives them, are a column already.
  if (first !== null && neighbours) return { valueOffsets, values: new ArrayType(first.buffer, first.byteOffset, total) };
  const values = new ArrayType(total);
  for (let row = 0; row < column.length; row++) {
    const cell = column[row];
    if (cell instanceof ArrayType) values.set(cell, valueOffsets[row]);
  }
  return { valueOffsets, values };
}
