import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { OutputFile } from "../../../src/runner/tables/outputFile.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "output-file-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each([
  ["past the cache where that is possible", undefined],
  ["by way of the cache", false],
])("writes what it is given, across blocks and up to the last byte: %s", async (_, direct) => {
  const path = join(folder, "file");
  const bytes = Uint8Array.from({ length: 9_500_001 }, (_, at) => (at * 2_654_435_761) >>> 13);
  const file = await OutputFile.create(path, direct);
  for (let at = 0, size = 1; at < bytes.length; at += size, size = size * 7 + 3) {
    const piece = bytes.slice(at, at + size);
    await file.write(piece);
    piece.fill(0);
  }
  await file.finish();
  await file.close();
  expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
});

it("gives two files blocks of their own, even where one before was closed twice", async () => {
  const before = await OutputFile.create(join(folder, "before"));
  await before.close();
  await before.close();
  const [one, other] = [await OutputFile.create(join(folder, "one")), await OutputFile.create(join(folder, "other"))];
  await one.write(Uint8Array.of(1, 2, 3));
  await other.write(Uint8Array.of(9));
  for (const file of [one, other]) {
    await file.finish();
    await file.close();
  }
  expect([...(await readFile(join(folder, "one")))]).toEqual([1, 2, 3]);
  expect([...(await readFile(join(folder, "other")))]).toEqual([9]);
});
