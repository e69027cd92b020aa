import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../../../src/protocol/errors.js";
import { readAll, readBatches, readRows } from "../../../src/runner/tables/reader.js";
import { TableWriter, writeTable } from "../../../src/runner/tables/writer.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tables-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ints = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 20 }).map((values) => Int32Array.from(values));
const floats = fc.float32Array({ maxLength: 20 });
const significanceRows = fc.array(
  fc.record({
    document: fc.integer({ min: 0, max: 1_000 }),
    path: fc.string({ unit: "grapheme" }),
    hash: fc.string(),
    starts: ints,
    ends: ints,
    score: floats,
    base: floats,
    extended: floats,
  }),
  { maxLength: 30 },
);

describe("tables", () => {
  it("come back as they were written, over several batches", async () => {
    await fc.assert(
      fc.asyncProperty(significanceRows, fc.integer({ min: 1, max: 10 }), async (rows, every) => {
        const path = join(folder, "t.arrow");
        await writeTable(path, "significance", async (writer) => {
          for (const [at, row] of rows.entries()) {
            await writer.append(row);
            if (at % every === 0) await writer.flush();
          }
        });
        expect(await readAll(path, "significance")).toEqual(rows);
      }),
      { numRuns: 30 },
    );
  });

  it("are read by Arrow's own reader", async () => {
    const path = join(folder, "t.arrow");
    await writeTable(path, "samples", (writer) =>
      writer.append({ sample: 3, document: 1, ids: Int32Array.of(5, 6), positions: Int32Array.of(0, 9), segments: Int32Array.of(0) }),
    );
    const table = tableFromIPC(await readFile(path));
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${String(type as unknown)}`)).toEqual([
      "sample: Int32",
      "document: Int32",
      "ids: List<Int32>",
      "positions: List<Int32>",
      "segments: List<Int32>",
    ]);
    expect(table.get(0)?.toJSON()).toMatchObject({ sample: 3, document: 1 });
  });

  it("take whole columns", async () => {
    const path = join(folder, "t.arrow");
    const column = Int32Array.of(1, 2, 3);
    await writeTable(path, "selection", (writer) =>
      writer.appendColumns(
        { document: column, sentence: column, first: column, end: column, impactful: column, score: Float32Array.of(0.5, 1, 2) },
        3,
      ),
    );
    for await (const batch of readBatches(path, "selection")) {
      expect(batch.length).toBe(3);
      expect(batch.int32("end")).toEqual(column);
      expect(batch.float32("score")).toEqual(Float32Array.of(0.5, 1, 2));
    }
  });

  it("leave nothing behind when filling them fails, and the old table as it was", async () => {
    const path = join(folder, "t.arrow");
    await writeTable(path, "prompts", (writer) => writer.append({ prompt: 1, ids: Int32Array.of(1) }));
    const failing = writeTable(path, "prompts", async (writer) => {
      await writer.append({ prompt: 2, ids: Int32Array.of(2) });
      await writer.flush();
      throw new Error("cut off");
    });
    await expect(failing).rejects.toThrow("cut off");
    expect(await readdir(folder)).toEqual(["t.arrow"]);
    expect(await readAll(path, "prompts")).toEqual([{ prompt: 1, ids: Int32Array.of(1) }]);
  });

  it("do not exist before they are whole", async () => {
    const writer = await TableWriter.create(join(folder, "t.arrow"), "prompts");
    await writer.append({ prompt: 1, ids: Int32Array.of(1) });
    await writer.flush();
    expect(await readdir(folder)).not.toContain("t.arrow");
    await writer.close();
    expect(await readdir(folder)).toEqual(["t.arrow"]);
  });

  it("tell what is wrong with a file", async () => {
    const path = join(folder, "t.arrow");
    await expect(readAll(path, "prompts")).rejects.toMatchObject({ code: "file-missing" });
    await writeFile(path, "not a table");
    await expect(readAll(path, "prompts")).rejects.toMatchObject({ code: "table-broken" });
    await writeTable(path, "prompts", (writer) => writer.append({ prompt: 1, ids: Int32Array.of(1) }));
    await expect(readAll(path, "tokens")).rejects.toThrow("lacks the column document");
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, whole.length - 20));
    await expect(readAll(path, "prompts")).rejects.toBeInstanceOf(UserError);
    await expect(TableWriter.create(join(folder, "no", "t.arrow"), "prompts")).rejects.toMatchObject({ code: "file-missing" });
  });

  it("close their file when reading stops early", async () => {
    const path = join(folder, "t.arrow");
    await writeTable(path, "prompts", async (writer) => {
      for (let prompt = 0; prompt < 3; prompt++) await writer.append({ prompt, ids: Int32Array.of(prompt) });
    });
    for await (const { prompt } of readRows(path, "prompts")) {
      expect(prompt).toBe(0);
      break;
    }
  });
});
