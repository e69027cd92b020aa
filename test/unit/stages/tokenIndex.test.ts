import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { selectedSource } from "../../../src/runner/stages/sampleSources.js";
import { ScratchSentences } from "../../../src/runner/stages/sentenceStore.js";
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

/** A selection table of documents with these numbers of sentences, in batches of three rows. */
async function selectionTable(sentences: ReadonlyMap<number, number>): Promise<string> {
  const path = join(folder, "selection.arrow");
  await writeTable(path, "selection", async (writer) => {
    for (const [document, count] of sentences) {
      for (let sentence = 0; sentence < count; sentence++) {
        const first = sentence * 4;
        await writer.append({ document, sentence, first, end: first + 4, impactful: document + sentence, score: 0 });
        if (writer.pending === 3) await writer.flush();
      }
    }
  });
  return path;
}

it("gives samples the ids and sentences of the selected documents, across batches", async () => {
  const tokens = await tokensTable(11);
  const source = await selectedSource(
    tokens,
    await selectionTable(
      new Map([
        [5, 1],
        [9, 8],
        [13, 2],
      ]),
    ),
  );
  expect([0, 1, 2].map((index) => source.document(index))).toEqual([5, 9, 13]);
  const target = new Int32Array(5);
  source.read(1, 2, 5, target, 1);
  expect([...target]).toEqual([0, 3_002, 3_003, 3_004, 0]);
  expect(source.sizes).toEqual([{ tokens: 3 }, { tokens: 9 }, { tokens: 15 }]);
  expect([2, 0, 1, 0].map((index) => source.impactful(index))).toEqual([27, 5, 100, 5]);
  expect(source.sentences(1)).toEqual({
    first: Int32Array.of(0, 4, 8, 12, 16, 20, 24, 28),
    impactful: Int32Array.of(9, 10, 11, 12, 13, 14, 15, 16),
  });
  expect(source.sentences(0)).toEqual({ first: Int32Array.of(0), impactful: Int32Array.of(5) });
  source.close();
  await expect(selectedSource(tokens, await selectionTable(new Map([[4, 1]])))).rejects.toMatchObject({ code: "table-incomplete" });
});

it("keeps sentences that are in no table in a scratch file, and removes it", async () => {
  const scratch = join(folder, "scratch");
  const made = async function* () {
    yield await Promise.resolve({ document: 7, first: Int32Array.of(0, 4), impactful: Int32Array.of(1, 2) });
    yield { document: 9, first: Int32Array.of(0), impactful: Int32Array.of(3) };
  };
  const store = await ScratchSentences.build(scratch, made());
  expect(store.documents).toEqual([7, 9]);
  expect(store.sentences(1)).toEqual({ first: Int32Array.of(0), impactful: Int32Array.of(3) });
  expect(store.sentences(0)).toEqual({ first: Int32Array.of(0, 4), impactful: Int32Array.of(1, 2) });
  store.close();
  expect(existsSync(scratch)).toBe(false);
});
