import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileScores, maxRecordsText, type FileScores } from "../../../src/editor/highlight/fileScores.js";
import { runMarks } from "../../../src/editor/highlight/runMarks.js";
import { countSamples, rankByDensity, selectionThreshold } from "../../../src/editor/highlight/runSelection.js";
import type { RunScores } from "../../../src/editor/highlight/runScores.js";
import { scoreText, writeScoredRun, type ScoredText } from "../../support/scoredRun.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "scores-"));
  await mkdir(join(folder, "corpus"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const story = "Box 12 weighs 👩‍👩‍👧 7 pounds. Nothing here.\n\n漢字 and 45 words.\nThe end of it.\n";

async function scored(texts: readonly ScoredText[]): Promise<RunScores> {
  for (const { path, text, bytes } of texts) if (!path.includes("#")) await writeFile(join(folder, path), bytes ?? text);
  return writeScoredRun(join(folder, ".longrecipe", "runs", "one"), join(folder, "r.longrecipe.json"), texts);
}

async function shown(run: RunScores, path: string, text: string, eol: "\n" | "\r\n" = "\n"): Promise<FileScores | null> {
  const entry = await run.entry(join(folder, path));
  return entry === null ? null : fileScores(run, entry, join(folder, path), { text, eol });
}

/** The impactful tokens as they stand in a text. */
function impactful({ tokens }: FileScores, text: string): string[] {
  const found: string[] = [];
  tokens.walk(0, text.length, (token, start, end) => {
    if (tokens.tokens.score[token]! >= 5) found.push(text.slice(start, end) + (tokens.isStale(start) ? "?" : ""));
    return undefined;
  });
  return found;
}

describe("scores of a file", () => {
  it("are found by path, and stand at their characters among emoji and CJK", async () => {
    const run = await scored([
      { path: "corpus/a.txt", text: story },
      { path: "corpus/b.txt", text: "Other 99 text." },
    ]);
    const scores = (await shown(run, "corpus/a.txt", story))!;
    expect(scores.stale).toBe(false);
    expect(impactful(scores, story)).toEqual([" 12", " 7", " 45"]);
    expect(impactful((await shown(run, "corpus/b.txt", "Other 99 text."))!, "Other 99 text.")).toEqual([" 99"]);
    expect(await shown(run, "corpus/c.txt", "")).toBeNull();
  });

  it("of a file with a byte order mark and mixed line ends stand where the editor has them", async () => {
    const mixed = story.replace("here.\n", "here.\r\n");
    const run = await scored([{ path: "corpus/a.txt", text: mixed, bytes: `\uFEFF${mixed}` }]);
    for (const eol of ["\n", "\r\n"] as const) {
      const text = mixed.replace(/\r?\n/gu, eol);
      const scores = (await shown(run, "corpus/a.txt", text, eol))!;
      expect(scores.stale).toBe(false);
      expect(impactful(scores, text)).toEqual([" 12", " 7", " 45"]);
    }
  });

  it("of a file with unsaved edits are left where nothing was edited, stale behind the first edit", async () => {
    const run = await scored([{ path: "corpus/a.txt", text: story }]);
    const text = story.replace("Nothing here", "Something new stands here");
    const scores = (await shown(run, "corpus/a.txt", text))!;
    expect(scores.stale).toBe(false);
    expect(impactful(scores, text)).toEqual([" 12", " 7", " 45?"]);
  });

  it("of a changed file are all stale, and only where the text is the same", async () => {
    const run = await scored([{ path: "corpus/a.txt", text: story }]);
    const text = story.replace("weighs", "weighed").replace("45", "46");
    await writeFile(join(folder, "corpus/a.txt"), text);
    const scores = (await shown(run, "corpus/a.txt", text))!;
    expect(scores.stale).toBe(true);
    expect(impactful(scores, text)).toEqual([" 12?", " 7?"]);
  });

  it("of a changed file are not shown where the run has lost its text", async () => {
    const run = await scored([{ path: "corpus/a.txt", text: story }]);
    await rm(join(folder, ".longrecipe", "runs", "one", "stages", "01-prepare"), { recursive: true });
    await writeFile(join(folder, "corpus/a.txt"), "Other.");
    expect(await shown(run, "corpus/a.txt", "Other.")).toBeNull();
  });

  it("of a long file in parts stand in the parts, which are told by bytes", async () => {
    const [first, second] = [`漢字 👩 12 ${"é ".repeat(200_000)}`, "Second part: 👩‍👩‍👧 45 and 7."];
    const text = first + second;
    for (const mark of ["", "\uFEFF"]) {
      await writeFile(join(folder, "corpus/a.txt"), mark + text);
      const run = await writeScoredRun(join(folder, ".longrecipe", "runs", "one"), join(folder, "r.longrecipe.json"), [
        { path: "corpus/a.txt#B0", text: first, bytes: mark + text },
        { path: `corpus/a.txt#B${Buffer.byteLength(mark + first)}`, text: second, bytes: mark + text },
      ]);
      const scores = (await shown(run, "corpus/a.txt", text))!;
      expect(impactful(scores, text)).toEqual([" 12", " 45", " 7"]);
      expect(scores.parts.length).toBe(2);
    }
  });

  it("of JSON Lines stand inside the strings, escapes and all", async () => {
    const values = ['He said "12".\nThen 7 👩‍👩‍👧.', "漢字 45, \u00e9 6\\7"];
    const bytes = `{"id":1,"text":${JSON.stringify(values[0])}}\n\n{"text":"${values[1]!.replace("é", "\\u00e9").replace("\\7", "\\\\7")}","n":99}\n`;
    await writeFile(join(folder, "corpus/a.jsonl"), bytes);
    const run = await scored(values.map((text, at) => ({ path: `corpus/a.jsonl#L${at * 2 + 1}`, text, bytes })));
    const scores = (await shown(run, "corpus/a.jsonl", bytes))!;
    expect(impactful(scores, bytes)).toEqual(["12", " 7", " 45", " 6", "7"]);
    expect(scores.parts.map(({ place }) => place.document)).toEqual([0, 1]);
    expect(scores.firsts.length).toBeGreaterThan(2);
  });
});

describe("a file of a format without marks", () => {
  it("is told apart from one that has changed", async () => {
    const bytes = `id,text\n3,${JSON.stringify(story)}\n`;
    const run = await scored([
      { path: "corpus/table.csv#R1", text: story, bytes },
      { path: "corpus/large.jsonl#L1", text: story, bytes: "the bytes of a large file" },
      { path: "corpus/a.txt", text: story },
    ]);
    await writeFile(join(folder, "corpus/table.csv"), bytes);
    const found = (path: string, text: string) => runMarks([run], join(folder, path), { text, eol: "\n" });
    expect(await found("corpus/table.csv", bytes)).toEqual({ marks: null, markable: false });
    expect(await found("corpus/large.jsonl", " ".repeat(maxRecordsText + 1))).toEqual({ marks: null, markable: false });
    await writeFile(join(folder, "corpus/a.txt"), `${story}More.`);
    expect(await found("corpus/a.txt", `${story}More.`)).toMatchObject({ marks: { stale: true }, markable: true });
  });
});

describe("what the run tells of sentences", () => {
  it("in how many samples, how they rank, and what a token's probabilities are", async () => {
    const run = await scored([{ path: "corpus/a.txt", text: story }]);
    const { firsts, tokens, parts } = (await shown(run, "corpus/a.txt", story))!;
    const [{ place }] = parts as [(typeof parts)[number]];
    expect(await countSamples(run.directory, place.document, firsts, tokens.count)).toEqual({
      samples: 4,
      keptIn: Int32Array.of(2, 0, 2, 0),
    });
    expect(await rankByDensity(run.directory, 1)).toBe(0);
    expect(await rankByDensity(run.directory, 0)).toBe(0.5);
    expect(await selectionThreshold(run.directory)).toBe(5);
    const token = scoreText(story).score.findIndex((score) => score >= 5);
    const { base, extended } = await run.probabilities(place, token);
    expect([base, extended]).toEqual([expect.closeTo(0.1), expect.closeTo(0.8)]);
    expect((await run.distribution()).total).toBe(tokens.count - 1);
  });
});
