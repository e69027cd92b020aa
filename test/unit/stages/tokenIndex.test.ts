import { closeSync, openSync, readSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DiskSource } from "../../../src/runner/stages/diskSource.js";
import { TokenIndex } from "../../../src/runner/stages/tokenIndex.js";
import { writeTable } from "../../../src/runner/tables/writer.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "token-index-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Documents 3, 5, 7, ... of growing length over several batches. */
async function tokensTable(documents: number): Promise<string> {
  const path = join(folder, "tokens.arrow");
  await writeTable(path, "tokens", async (writer) => {
    for (let at = 0; at < documents; at++) {
      const ids = Int32Array.from({ length: at * 3 }, (_, token) => at * 1_000 + token);
      await writer.append({ document: 3 + at * 2, ids, starts: ids, ends: ids });
      if (at % 4 === 3) await writer.flush();
    }
  });
  return path;
}

it("finds the ids of every document in place, and says where there is none", async () => {
  const path = await tokensTable(11);
  const index = await TokenIndex.open(path);
  expect(index.all.length).toBe(11);
  const file = openSync(path, "r");
  for (let at = 0; at < 11; at++) {
    const found = index.find(3 + at * 2)!;
    const ids = new Int32Array(found.tokens);
    if (ids.length > 0) readSync(file, ids, 0, ids.byteLength, found.position);
    expect([...ids]).toEqual(Array.from({ length: at * 3 }, (_, token) => at * 1_000 + token));
  }
  closeSync(file);
  expect([index.find(4), index.find(0), index.find(99)]).toEqual([null, null, null]);
});

it("gives samples ids and sentences, and refuses documents without tokens", async () => {
  const index = await TokenIndex.open(await tokensTable(11));
  const one = (document: number) =>
    (async function* () {
      yield await Promise.resolve({ document, first: Int32Array.of(0, 4), impactful: Int32Array.of(1, 2) });
    })();
  const source = await DiskSource.build(join(folder, "scratch"), index, one(9));
  const target = new Int32Array(5);
  source.read(0, 2, 5, target, 1);
  expect([...target]).toEqual([0, 3_002, 3_003, 3_004, 0]);
  expect(source.sizes).toEqual([{ tokens: 9, impactful: 3 }]);
  expect(source.sentences(0)).toEqual({ first: Int32Array.of(0, 4), impactful: Int32Array.of(1, 2) });
  source.close();
  await expect(DiskSource.build(join(folder, "scratch"), index, one(4))).rejects.toMatchObject({ code: "table-incomplete" });
});
