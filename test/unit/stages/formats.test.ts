import * as nodeFs from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile, copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { corpusSchema, recipeSchema } from "../../../src/protocol/recipe.js";
import { findFiles } from "../../../src/runner/corpus/findFiles.js";
import { partBytes } from "../../../src/runner/corpus/textFile.js";
import { corpusFileFacts, expandCorpus } from "../../../src/runner/stages/corpusFiles.js";
import { readDocuments } from "../../../src/runner/stages/documents.js";
import type { Omission } from "../../../src/runner/stages/omissions.js";

/** Written by corpora/make.py with pyarrow and `datasets`. */
const corpora = join(__dirname, "corpora");
const texts = ["First row.", "Zweite Zeile: äöü 😀", "第三行。", "last"];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "formats-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), content);
}

/** Paths and texts read from a corpus, and what was left out. */
async function read(corpus: object, root = folder) {
  const omitted: Omission[] = [];
  const documents: string[][] = [];
  const files = await expandCorpus(corpusSchema.parse(corpus), root);
  for await (const { path, text } of readDocuments(files, (omission) => omitted.push(omission))) documents.push([path, text]);
  return { documents, omitted };
}

function rows(file: string): string[][] {
  return texts.map((text, row) => [`${file}#R${row + 1}`, text]);
}

describe("tables", () => {
  it("reads parquet, over row groups, plain and as .gz", async () => {
    expect((await read({ include: ["rows.parquet"] }, corpora)).documents).toEqual(rows("rows.parquet"));
    expect((await read({ include: ["rows.parquet.gz"] }, corpora)).documents).toEqual(rows("rows.parquet.gz"));
    const snappy = await read({ include: ["snappy.parquet"], textField: "body", onError: "skip" }, corpora);
    expect(snappy.documents).toEqual(rows("snappy.parquet"));
    expect(snappy.omitted).toMatchObject([{ path: "snappy.parquet#R5", reason: 'row 5 has no text in the column "body"' }]);
  });

  it("reads folders that `datasets` saved, without caches beside, and single Arrow files", async () => {
    expect((await read({ include: ["saved"] }, corpora)).documents.map(([, text]) => text)).toEqual(texts);
    expect((await read({ include: ["feather.arrow"] }, corpora)).documents).toEqual(rows("feather.arrow"));
    for (const file of ["data-00000-of-00002.arrow", "data-00001-of-00002.arrow", "state.json"]) {
      await mkdir(join(folder, "copy"), { recursive: true });
      await copyFile(join(corpora, "saved", file), join(folder, "copy", file));
    }
    await put("copy/old-00000-of-00001.arrow", "not of this dataset");
    expect((await read({ include: ["copy"] })).documents.length).toBe(4);
    await put("copy/state.json", "{}");
    await expect(read({ include: ["copy"] })).rejects.toMatchObject({ code: "dataset-broken" });
  });

  it("says of Arrow what is not read of it", async () => {
    const reasons = async (name: string) => (await read({ include: [name], onError: "skip" })).omitted.map(({ reason }) => reason);
    for (const name of ["packed.arrow", "views.arrow"]) await copyFile(join(corpora, name), join(folder, name));
    const whole = nodeFs.readFileSync(join(corpora, "feather.arrow"));
    await put("cut.arrow", whole.subarray(0, whole.length / 2));
    expect(await reasons("packed.arrow")).toEqual(["its batches are compressed, which is not read here"]);
    expect(await reasons("views.arrow")).toEqual(['its column "text" holds Utf8View, not text']);
    expect(await reasons("cut.arrow")).toEqual(["it is damaged or cut off"]);
  });

  it("reads CSV and TSV with quotes, line breaks and commas in fields", async () => {
    await put("a.csv", '\uFEFFid,text\r\n1,"one, with\n""quotes"""\r\n\r\n2,two 😀\r\n3\r\n4,four\r\n');
    await put("b.tsv", 'text\tid\nsay "hi"\t1\n');
    const { documents, omitted } = await read({ include: ["a.csv", "b.tsv"], onError: "skip" });
    expect(documents).toEqual([
      ["a.csv#R1", 'one, with\n"quotes"'],
      ["a.csv#R2", "two 😀"],
      ["a.csv#R4", "four"],
      ["b.tsv#R1", 'say "hi"'],
    ]);
    expect(omitted).toMatchObject([{ path: "a.csv#R3", kind: "unreadable" }]);
  });

  it("reads no table whose header does not say which field is the text, were it empty otherwise", async () => {
    await put("a.csv", "id,body\n");
    await put("b.csv", "text,id,text\none,1,two\n");
    await put("c.csv", "id;text\n1;one\n");
    const { omitted } = await read({ include: ["."], onError: "skip" });
    expect(omitted.map(({ path, reason }) => [path, reason])).toEqual([
      ["a.csv", 'its header has no column "text"'],
      ["b.csv", 'its header has 2 columns "text"'],
      ["c.csv", 'its header has no column "text"'],
    ]);
    const remedy = expect.stringContaining("something else than commas") as string;
    await expect(read({ include: ["c.csv"] })).rejects.toMatchObject({ code: "corpus-unreadable", remedy });
  });

  it("says what stands where text should be", async () => {
    await put("a.jsonl", '{"text": 3}\n{"text": ["a"]}\n{"text": {}}\n{"text": null}\n{}\n{"text": true}\n');
    const { omitted } = await read({ include: ["a.jsonl"], onError: "skip" });
    expect(omitted.map(({ reason }) => / has (.*) in the field "text"$/u.exec(reason)?.[1])).toEqual([
      ...["a number", "a list", "a record", "no text", "no text", "a boolean"],
    ]);
  });

  it("names the byte at which a table stops being UTF-8, over chunks", async () => {
    const long = `text\n"${"ä".repeat(1 << 20)}`;
    await put("a.csv", Buffer.concat([Buffer.from(`${long}ab`), Buffer.from([0xe4, 0x62])]));
    await put("b.csv", Buffer.from("text\nein Gr\u00fc\u00df\n", "latin1"));
    await put("c.csv", Buffer.from("text\nutf 16\n", "utf16le"));
    await put("d.csv", Buffer.concat([Buffer.from("text\ncut "), Buffer.from([0xe2, 0x82])]));
    const { omitted } = await read({ include: ["."], onError: "skip" });
    expect(omitted.map(({ path, reason }) => [path, reason])).toEqual([
      ["a.csv", `it is not UTF-8 near byte ${Buffer.byteLength(long) + 3}`],
      ["b.csv", "it is not UTF-8 near byte 11"],
      ["c.csv", "byte 1 is zero: it is binary, or UTF-16"],
      ["d.csv", "it is not UTF-8 near byte 11: its last character is cut off"],
    ]);
  });

  it("takes no half characters from JSON, which would become others in the tables", async () => {
    await put("a.jsonl", '{"text": "bad \\ud83d half"}\n{"text": "good \\ud83d\\ude00"}\n');
    const { documents, omitted } = await read({ include: ["a.jsonl"], onError: "skip" });
    expect(documents).toEqual([["a.jsonl#L2", "good 😀"]]);
    expect(omitted).toMatchObject([{ path: "a.jsonl#L1", reason: expect.stringContaining("half of a character") as string }]);
  });

  it("counts files of no bytes, and of nothing visible, as empty documents", async () => {
    await put("a.txt", "");
    await put("b.txt.zst", "");
    await put("c.txt", "\u200b \u200d\u0001");
    expect((await read({ include: ["."] })).omitted).toMatchObject([
      { path: "a.txt", kind: "empty" },
      { path: "b.txt.zst", kind: "empty" },
      { path: "c.txt", kind: "empty" },
    ]);
  });

  it("reads Zstandard frame after frame, and gzip", async () => {
    expect((await read({ include: ["lines.jsonl.zst"] }, corpora)).documents.map(([, text]) => text)).toEqual(texts);
    await put("a.txt.gz", gzipSync("packed text"));
    await put("b.py.gz", Buffer.concat([gzipSync("print(1)\n"), gzipSync("print(2)\n")]));
    expect((await read({ include: ["."] })).documents).toEqual([
      ["a.txt.gz", "packed text"],
      ["b.py.gz", "print(1)\nprint(2)\n"],
    ]);
  });
});

describe("folders", () => {
  it("stand for text, code and tables, but not for packages", async () => {
    for (const path of ["a.rs", "b.PY", "c.md.zst", "d.png", "e.json", "node_modules/f.js", "g/h.cpp", "i.jsonl.gz"]) await put(path, "x");
    const files = await expandCorpus(corpusSchema.parse({ include: ["."], exclude: ["g/**"] }), folder);
    expect(files.map(({ path }) => path)).toEqual(["a.rs", "b.PY", "c.md.zst", "i.jsonl.gz"]);
  });

  it("of several sources give each file once, source after source", async () => {
    for (const path of ["a/1.txt", "b/2.txt", "b/3.txt"]) await put(path, "x");
    const files = await expandCorpus(corpusSchema.parse([{ include: ["b"] }, { include: ["**/*.txt"], weight: 2 }]), folder);
    expect(files.map(({ path, source }) => [path, source])).toEqual([
      ["b/2.txt", 0],
      ["b/3.txt", 0],
      ["a/1.txt", 1],
    ]);
  });
});

describe("links", () => {
  it("give a file no second time, in whatever source, and may go round in a circle", async () => {
    await put("a/1.txt", "one");
    await put("b/2.txt", "two");
    await symlink("1.txt", join(folder, "a", "same.txt"));
    await symlink("..", join(folder, "a", "loop"));
    await symlink(join("..", "a"), join(folder, "b", "linked"));
    const files = await expandCorpus(corpusSchema.parse([{ include: ["a"] }, { include: ["b"] }]), folder);
    expect(files.map(({ path, source }) => [path, source])).toEqual([
      ["a/1.txt", 0],
      ["a/loop/b/2.txt", 0],
    ]);
  });
});

describe("what a recipe names", () => {
  const factsOf = (corpus: object) => corpusFileFacts(recipeSchema.parse({ model: "m", targetLength: 9, corpus }), folder);
  const none = { files: 0, own: 0, json: 0, idle: [], excluded: 0, missing: [] };

  it("is looked for name by name, and told from what `exclude` leaves out", async () => {
    await put("a/1.txt", "one");
    await put("a/2 [x].txt", "two");
    await put("b.json.gz", "{}");
    expect(await factsOf({ include: ["a", "a/2 [x].txt", "nope.txt", "nope/*.txt", "!b*"] })).toEqual({
      corpus: { ...none, files: 2, own: 2, missing: [2], idle: ["nope/*.txt"] },
    });
    expect(await factsOf({ include: ["a"], exclude: ["**"] })).toEqual({ corpus: { ...none, excluded: 2 } });
    expect(await factsOf({ include: ["*.md"], exclude: ["**"] })).toEqual({ corpus: none });
    expect(await factsOf([{ include: ["a"] }, { include: ["a/*.txt"] }, { include: ["a/1.txt", "b.json.gz"] }])).toEqual({
      "corpus[0]": { ...none, files: 2, own: 2 },
      "corpus[1]": { ...none, files: 2 },
      "corpus[2]": { ...none, files: 2, own: 1, json: 1 },
    });
  });

  it("holds links to nothing, which are faults like any other", async () => {
    await put("a/1.txt", "one");
    await symlink("nowhere.txt", join(folder, "a", "gone.txt"));
    await symlink("self.txt", join(folder, "a", "self.txt"));
    await expect(read({ include: ["a"] })).rejects.toMatchObject({
      code: "file-missing",
      message: expect.stringContaining("gone.txt") as string,
    });
    const { documents, omitted } = await read({ include: ["a"], onError: "skip" });
    expect(documents).toEqual([["a/1.txt", "one"]]);
    expect(omitted).toMatchObject([{ path: "a/gone.txt" }, { path: "a/self.txt" }]);
  });
});

describe("folders that cannot be read", () => {
  it("are found as what cannot be read, not passed over", async () => {
    await put("a/1.txt", "one");
    await put("a/locked/2.txt", "two");
    const locked = join(folder, "a", "locked");
    const readdir = (path: string, options: { withFileTypes: true }, done: (error: Error | null, found: nodeFs.Dirent[]) => void): void => {
      if (path.startsWith(locked)) done(Object.assign(new Error("no"), { code: "EACCES" }), []);
      else nodeFs.readdir(path, options, done);
    };
    const system = { ...nodeFs, readdir: readdir as unknown as typeof nodeFs.readdir };
    const found = await findFiles(["a/**/*.txt", "nope/*.txt"], { cwd: folder, ignore: [] }, system);
    expect(found).toEqual([join(folder, "a", "1.txt"), locked]);
    // What is left out need not be readable.
    expect(await findFiles(["a/**/*.txt"], { cwd: folder, ignore: ["a/locked"] }, system)).toEqual([join(folder, "a", "1.txt")]);
  });
});

describe("very long files", () => {
  it("come in parts that tile the text, cut at blank lines and never inside a character", async () => {
    const paragraph = `${"word 😀 ".repeat(40)}\n\n`;
    const whole = paragraph.repeat(Math.ceil((partBytes * 2.2) / Buffer.byteLength(paragraph)));
    await put("long.txt", whole);
    const { documents } = await read({ include: ["long.txt"] });
    expect(documents.length).toBe(3);
    expect(documents.map(([, text]) => text).join("")).toBe(whole);
    expect(documents[0]![0]).toBe("long.txt#B0");
    for (const [, text] of documents) expect(text!.endsWith("\n\n")).toBe(true);
    await put("line.txt", "😀x".repeat(partBytes / 4) + " end");
    const line = await read({ include: ["line.txt"], onError: "skip" });
    expect(line.omitted[0]!.reason).toMatch(/no blank in the \d+ bytes from byte 0 on/u);
  });

  it("of one line are cut at blanks, and a record of 200 MB is told by its line, without being held", async () => {
    const line = "eight by".repeat((2 * partBytes) / 8);
    await put("line.txt", line);
    const { documents } = await read({ include: ["line.txt"] });
    expect(documents.map(([, text]) => text).join("")).toBe(line);
    // 200 MB that cost no disk: a gzip of zeros would be binary, of blanks is not.
    const huge = gzipSync(Buffer.concat([Buffer.from('{"text": "a"}\n'), Buffer.alloc(200 << 20, 32), Buffer.from('\n{"text": "b"}\n')]), {
      level: 1,
    });
    await put("huge.jsonl.gz", huge);
    const found = await read({ include: ["huge.jsonl.gz"], onError: "skip" });
    expect(found.documents.map(([, text]) => text)).toEqual(["a", "b"]);
    expect(found.omitted).toMatchObject([{ path: "huge.jsonl.gz#L2", reason: "line 2, from byte 14 on, is longer than 64 MB" }]);
  }, 20_000);
});

describe('onError: "skip"', () => {
  it("goes on with the next good document, and says what was left out", async () => {
    await put(
      "a.jsonl",
      Buffer.concat([
        Buffer.from('{"text": "one"}\n{"text": "'),
        Buffer.from([0xff]),
        Buffer.from('"}\nnope\n{"text": " "}\n{"text": "two"}'),
      ]),
    );
    await put("b.txt", Buffer.from([1, 0, 2]));
    await put("c.txt.gz", gzipSync("x".repeat(5_000)).subarray(0, 20));
    await put("d.parquet", "PAR1 no");
    await put("e.arrow", "nothing");
    await put("f.csv", "body\nx\n");
    await put("g.txt.zst", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]));
    await copyFile(join(corpora, "broken.parquet"), join(folder, "h.parquet"));
    await put("i.txt", "good");
    const { documents, omitted } = await read({ include: ["."], onError: "skip" });
    expect(documents.map(([, text]) => text)).toEqual(["one", "two", "good", "fine", "good"]);
    expect(omitted.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "unreadable a.jsonl#L2",
      "unreadable a.jsonl#L3",
      "empty a.jsonl#L4",
      "unreadable b.txt",
      "unreadable c.txt.gz",
      "unreadable d.parquet",
      "unreadable e.arrow",
      "unreadable f.csv",
      "unreadable g.txt.zst",
      "unreadable h.parquet#R2",
    ]);
    expect(omitted[0]!.reason).toMatch(/^line 2: it is not UTF-8 near byte 26/u);
    expect(omitted[7]!.reason).toBe('its header has no column "text"');
  });

  it.each([
    ["c.txt.gz", gzipSync("x".repeat(5_000)).subarray(0, 20), "its gzip stream is broken or cut off"],
    ["d.parquet", Buffer.from("PAR1 no"), "cannot be read as parquet"],
    ["e.arrow", Buffer.from("nothing"), "cannot be read as Arrow"],
    ["f.csv", Buffer.from("body\nx\n"), 'its header has no column "text"'],
    ["g.csv", Buffer.concat([Buffer.from("text\nx\n"), Buffer.from([0xff, 10])]), "not UTF-8 near byte"],
  ])("without it, %s is refused with the reason and what to do", async (path, content, reason) => {
    await put(path, content);
    await expect(read({ include: ["."] })).rejects.toMatchObject({
      code: "corpus-unreadable",
      message: expect.stringContaining(reason) as string,
      remedy: expect.stringContaining('onError: "skip"') as string,
      exit: 2,
    });
  });
});
