import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLogTail } from "../../../src/panels/logTail.js";
import { findPrompt, promptParts } from "../../../src/panels/prompts/promptFile.js";
import { parseResults, readResults } from "../../../src/panels/resultsFile.js";
import { runPaths } from "../../../src/runner/runDirectory.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "longrecipe-panels-"));
});
afterAll(() => rm(directory, { recursive: true }));

describe("prompts", () => {
  const prompt = {
    hash: "00ff",
    text: "Rain fell. The code of York is 17. Snow. The code of Rome is 42. 雪。 The code of Rome is",
    length: 30,
    depth: 0.5,
    expected: "42",
    needle: " The code of Rome is 42.",
    distractors: [" The code of York is 17."],
    question: " The code of Rome is",
  };

  it("are found by hash among lines that may be damaged", async () => {
    const file = join(directory, "prompts.jsonl");
    await writeFile(
      file,
      ["not JSON with 00ff", '{"hash":"00ff","text":3}', JSON.stringify({ ...prompt, hash: "aa" }), JSON.stringify(prompt)].join("\n"),
    );
    expect((await findPrompt(file, "00ff"))?.text).toBe(prompt.text);
    expect(await findPrompt(file, "bb")).toBeNull();
    await expect(findPrompt(join(directory, "none.jsonl"), "00ff")).rejects.toThrow("ENOENT");
  });

  it("show needle, distractors and question where they stand; the question is the one at the end", () => {
    const { needles, distractors, question } = promptParts({ ...prompt, needle: " The code of Rome is", needles: [prompt.needle] });
    const read = ({ start, end }: { start: number; end: number }): string => prompt.text.slice(start, end);
    expect(needles.map(read)).toEqual(["The code of Rome is", "The code of Rome is 42."]);
    expect(distractors.map(read)).toEqual(["The code of York is 17."]);
    expect(question?.start).toBe(prompt.text.lastIndexOf("The code"));
  });
});

describe("a results file", () => {
  const row = { model: "base", task: "needle", length: 8, depth: 0, trial: 0, promptHash: "a", answer: "1", expected: "1", score: 1 };

  it("keeps the rows that can be read and counts the others", () => {
    const read = parseResults(
      JSON.stringify({ version: 1, run: "r", window: 4, targetLength: 8, rows: [row, { ...row, score: "1" }, null] }),
    );
    expect([read.results?.rows, read.damagedRows, read.unreadable]).toEqual([[row], 2, false]);
  });

  it("that is none of ours is unreadable, one that is not there is nothing", async () => {
    expect(parseResults("{ torn").unreadable).toBe(true);
    expect(parseResults("[]").unreadable).toBe(true);
    expect(await readResults(join(directory, "absent.json"))).toEqual({ results: null, unreadable: false, damagedRows: 0 });
  });
});

describe("the log's tail", () => {
  it("is of the file written last, without colours and overwritten progress, its last lines only", async () => {
    const paths = runPaths(join(directory, "run"));
    expect(await readLogTail(paths)).toBeNull();
    await mkdir(paths.stage("extend"), { recursive: true });
    const worker = join(paths.stage("extend"), "worker.log");
    await writeFile(paths.log, "runner\n");
    await writeFile(worker, `${"x".repeat(70_000)}\n\u001b[31mred\u001b[0m\n 10 %\r 50 %\r100 %\nlast`);
    await utimes(paths.log, 1, 1);
    expect(await readLogTail(paths)).toEqual({ file: join("stages", "05-extend", "worker.log"), lines: ["red", "100 %", "last"] });
    await utimes(worker, 0, 0);
    expect((await readLogTail(paths))?.lines).toEqual(["runner"]);
  });
});
