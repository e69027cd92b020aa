import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../../../src/protocol/errors.js";
import { corpusSchema } from "../../../src/protocol/recipe.js";
import { expandCorpus } from "../../../src/runner/stages/corpusFiles.js";
import { readDocuments } from "../../../src/runner/stages/documents.js";
import { prepareStage } from "../../../src/runner/stages/prepare.js";
import { StageBench } from "./fakeWorker.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array): Promise<void> {
  const file = join(folder, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, content);
}

async function expand(include: string[], exclude: string[] = []): Promise<string[]> {
  return (await expandCorpus(corpusSchema.parse({ include, exclude }), folder)).map(({ path }) => path);
}

async function read(include: string[], settings: object = {}) {
  const documents = [];
  for await (const document of readDocuments(await expandCorpus(corpusSchema.parse({ include, ...settings }), folder)))
    documents.push(document);
  return documents;
}

describe("expandCorpus", () => {
  it("takes folders, globs and plain names, each file once, in a fixed order", async () => {
    for (const path of ["b/2.md", "b/1.txt", "b/deep/3.jsonl", "b/no.bin", "a.txt", "odd [name] (x)/4.txt"]) await put(path, "x");
    expect(await expand(["b"])).toEqual(["b/1.txt", "b/2.md", "b/deep/3.jsonl"]);
    expect(await expand(["b/", "b/*.txt", "a.txt"])).toEqual(["a.txt", "b/1.txt", "b/2.md", "b/deep/3.jsonl"]);
    expect(await expand(["**/*.txt"], ["b/**"])).toEqual(["a.txt", "odd [name] (x)/4.txt"]);
    expect(await expand(["odd [name] (x)"])).toEqual(["odd [name] (x)/4.txt"]);
    expect(await expand(["b/no.bin"])).toEqual(["b/no.bin"]);
    expect(await expand(["nothing"])).toEqual([]);
    expect(await expand([join(folder, "b")])).toEqual(["b/1.txt", "b/2.md", "b/deep/3.jsonl"]);
  });
});

describe("readDocuments", () => {
  it("reads text and records as they are, without byte order marks and empty documents", async () => {
    await put("a.txt", "\uFEFFHéllo 😀\r\n");
    await put("b.md", " \n\t");
    await put("c.jsonl", '{"text": "one"}\n\n{"text": ""}\n{"text": "two\\ud83d\\ude00", "more": 1}');
    const documents = await read(["a.txt", "b.md", "c.jsonl"]);
    expect(documents.map(({ path, text }) => [path, text])).toEqual([
      ["a.txt", "Héllo 😀\r\n"],
      ["c.jsonl#L1", "one"],
      ["c.jsonl#L4", "two😀"],
    ]);
    expect(documents[0]!.hash).toMatch(/^[0-9a-f]{64}$/u);
    expect(documents[1]!.hash).toBe(documents[2]!.hash);
  });

  it.each<[string, string, string | Uint8Array, string]>([
    ["broken UTF-8", "a.txt", Buffer.concat([Buffer.from("ok é "), Buffer.from([0xff, 0x41])]), "not UTF-8 near byte 6"],
    ["a character cut off at the end", "a.txt", Buffer.from("ab😀").subarray(0, 4), "not UTF-8"],
    ["binary", "a.txt", Buffer.from([65, 66, 0, 1]), "byte 2 is zero"],
    ["UTF-16", "a.txt", Buffer.from("\uFEFFhi", "utf16le"), "UTF-16"],
    ["a record that is no JSON", "a.jsonl", '{"text": "x"}\n{text}', "line 2 is not JSON"],
    ["a record without the field", "a.jsonl", '{"text": "x"}\n{"body": "y"}', 'line 2 has no text in the field "text"'],
    ["a record that is no object", "a.jsonl", "7", "line 1 has no text"],
    [
      "broken UTF-8 in a record",
      "a.jsonl",
      Buffer.concat([Buffer.from('{"text": "x"}\n{"text": "'), Buffer.from([0xc3, 0x28])]),
      "not UTF-8 near byte 25",
    ],
  ])("refuses %s, naming file and place", async (_, path, content, message) => {
    await put(path, content);
    const failed: unknown = await read([path]).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UserError);
    expect((failed as UserError).message).toContain(path);
    expect((failed as UserError).message).toContain(message);
    expect((failed as UserError).exit).toBe(2);
  });

  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)("tells of files that may not be read", async () => {
    await put("a.txt", "x");
    await chmod(join(folder, "a.txt"), 0);
    await expect(read(["a.txt"])).rejects.toMatchObject({ code: "file-permission" });
  });
});

describe("prepare", () => {
  it("refuses corpora that are missing, empty, or too short", async () => {
    const run = (recipe: object) => new StageBench(folder, recipe).run(prepareStage);
    await expect(run({})).rejects.toMatchObject({ code: "corpus-missing" });
    await put("corpus/a.txt", "  \n");
    await expect(run({})).rejects.toMatchObject({ code: "corpus-empty" });
    await put("corpus/a.txt", "Just a few words.");
    await expect(run({})).rejects.toMatchObject({ code: "corpus-too-short" });
    await put("corpus/a.txt", "word ".repeat(200));
    await expect(run({ replay: { corpus: { include: ["none"] } } })).rejects.toMatchObject({
      code: "corpus-missing",
      problems: [{ path: "replay.corpus.include" }],
    });
    expect(await run({})).toMatch(/^1 documents with \d+ tokens$/u);
  });
});
