/** Rows of a table by their number: tables are written in the order of it, so a few batches are looked at, not all. */
import type { TableName } from "../../runner/tables/columns.js";
import type { TableCells } from "../../runner/tables/cells.js";

/** Where a row lies. */
export interface RowPlace {
  readonly batch: number;
  readonly row: number;
}

type Column<N extends TableName> = Parameters<TableCells<N>["int32"]>[1];

/** The row whose `column` is `key`; null where there is none. The column ascends through the table. */
export async function findRow<N extends TableName>(table: TableCells<N>, column: Column<N>, key: number): Promise<RowPlace | null> {
  let low = 0;
  let high = table.batches - 1;
  while (low <= high) {
    const batch = (low + high) >>> 1;
    const keys = await table.int32(batch, column);
    const [first = Infinity, last = -Infinity] = [keys[0], keys.at(-1)];
    if (key < first) high = batch - 1;
    else if (key > last) low = batch + 1;
    else {
      const row = keys.indexOf(key);
      return row < 0 ? null : { batch, row };
    }
  }
  return null;
}

/** How many rows a table has, from its last key: keys count from 0. */
export async function countRows<N extends TableName>(table: TableCells<N>, column: Column<N>): Promise<number> {
  for (let batch = table.batches - 1; batch >= 0; batch--) {
    const last = (await table.int32(batch, column)).at(-1);
    if (last !== undefined) return last + 1;
  }
  return 0;
}

/** A list cell of a row, or the part [from, to) of it. */
export async function int32Cell<N extends TableName>(
  table: TableCells<N>,
  { batch, row }: RowPlace,
  column: Column<N>,
  from = 0,
  to = Infinity,
): Promise<Int32Array> {
  const [start, end] = await cellBounds(table, { batch, row }, column);
  return table.int32List(batch, column, Math.min(end, start + from), Math.min(end, start + to));
}

/** The same of floats. */
export async function float32Cell<N extends TableName>(
  table: TableCells<N>,
  { batch, row }: RowPlace,
  column: Column<N>,
  from = 0,
  to = Infinity,
): Promise<Float32Array> {
  const [start, end] = await cellBounds(table, { batch, row }, column);
  return table.float32List(batch, column, Math.min(end, start + from), Math.min(end, start + to));
}

async function cellBounds<N extends TableName>(
  table: TableCells<N>,
  { batch, row }: RowPlace,
  column: Column<N>,
): Promise<[number, number]> {
  const offsets = await table.offsets(batch, column);
  return [offsets[row] ?? 0, offsets[row + 1] ?? 0];
}
