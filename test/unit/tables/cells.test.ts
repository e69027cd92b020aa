import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TableCells } from "../../../src/runner/tables/cells.js";
import { writeTable } from "../../../src/runner/tables/writer.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cells-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rows = fc.array(fc.record({ path: fc.string({ unit: "binary" }), scores: fc.array(fc.float(), { maxLength: 30 }) }), {
  maxLength: 30,
});

describe("TableCells", () => {
  it("reads any row of any batch as it was written", async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 7 }), async (written, batch) => {
        const path = join(folder, "significance.arrow");
        await writeTable(path, "significance", async (writer) => {
          for (const [document, { path: name, scores }] of written.entries()) {
            const starts = Int32Array.from(scores, (_, at) => at * 3);
            const score = Float32Array.from(scores);
            await writer.append({
              document,
              path: name,
              hash: "h",
              starts,
              ends: starts.map((x) => x + 3),
              score,
              base: score,
              extended: score,
            });
            if (document % batch === 0) await writer.flush();
          }
        });
        const table = await TableCells.open(path, "significance");
        const read: { path: string; scores: number[] }[] = [];
        for (let at = 0; at < table.batches; at++) {
          const names = await table.strings(at, "path");
          const documents = await table.int32(at, "document");
          const offsets = await table.offsets(at, "score");
          expect(await table.rows(at)).toBe(names.length);
          for (const [row, name] of names.entries()) {
            expect(documents[row]).toBe(read.length);
            const [from, to] = [offsets[row]!, offsets[row + 1]!];
            expect([...(await table.int32List(at, "ends", from, to))]).toEqual(Array.from({ length: to - from }, (_, i) => i * 3 + 3));
            read.push({ path: name, scores: [...(await table.float32List(at, "extended", from, to))] });
          }
        }
        await table.close();
        // Lone surrogates cannot be written as UTF-8.
        expect(read).toEqual(
          written.map(({ path: name, scores }) => ({ path: Buffer.from(name).toString(), scores: [...Float32Array.from(scores)] })),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("refuses what is no whole table, and another table", async () => {
    const path = join(folder, "samples.arrow");
    const none = Int32Array.of(1, 2, 3);
    await writeTable(path, "samples", (writer) => writer.append({ sample: 0, document: 0, ids: none, positions: none, segments: none }));
    await expect(TableCells.open(path, "significance")).rejects.toThrow(/lacks the column path/);
    await truncate(path, 200);
    await expect(TableCells.open(path, "samples")).rejects.toThrow(/not a whole Arrow table/);
    await expect(TableCells.open(join(folder, "none.arrow"), "samples")).rejects.toThrow(/does not exist/);
  });
});
