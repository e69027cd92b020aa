/** A run with the tables of its first four stages, as the runner writes them, for texts scored by a rule. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { recipeSchema } from "../../src/protocol/recipe.js";
import { segmentSentences, sentenceTokens } from "../../src/recipe/sentences.js";
import { countImpactful } from "../../src/recipe/select.js";
import { readRun, runPaths, writeRun } from "../../src/runner/runDirectory.js";
import { prepareFiles, sampleFiles, selectionFiles, significanceFile } from "../../src/runner/stages/files.js";
import { writeTable } from "../../src/runner/tables/writer.js";
import { RunScores } from "../../src/editor/highlight/runScores.js";

export interface ScoredText {
  /** Relative to the folder of the recipe; `FILE#L3` for a record. */
  readonly path: string;
  readonly text: string;
  /** What stands in the file, where that is not the text itself. */
  readonly bytes?: string;
}

/** Words with the blank before them, numbers, single signs: about what a tokenizer makes. */
const word = /\s?(?:\p{L}+|\p{N}+|[^\s\p{L}\p{N}])|\s+/gu;

export interface WrittenScores {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly score: Float32Array;
}

/** Digits are impactful, letters are not; the first token has no score. */
export function scoreText(text: string): WrittenScores {
  const found = [...text.matchAll(word)];
  const starts = Int32Array.from(found, ({ index }) => index);
  const ends = Int32Array.from(found, ({ index, 0: token }) => index + token.length);
  const score = Float32Array.from(found, ({ 0: token }, at) =>
    at === 0 ? Number.NaN : /\p{N}/u.test(token) ? 5 + token.length / 10 + (at % 17) / 8 : -1 + (at % 97) / 100,
  );
  return { starts, ends, score };
}

/** Writes a run in which each text was scored by `scoreText`; every sentence with a digit is in every second sample. */
export async function writeScoredRun(
  directory: string,
  recipeFile: string,
  texts: readonly ScoredText[],
  { threshold = 5, samples = 4 } = {},
): Promise<RunScores> {
  await mkdir(dirname(recipeFile), { recursive: true });
  await writeRun(directory, recipeFile, recipeSchema.parse({ model: "./model", targetLength: 1024, corpus: { include: ["corpus"] } }));
  const paths = runPaths(directory);
  const folder = async (stage: Parameters<typeof paths.stage>[0]): Promise<string> => {
    await mkdir(paths.stage(stage), { recursive: true });
    return paths.stage(stage);
  };
  const hash = ({ bytes, text }: ScoredText): string =>
    createHash("sha256")
      .update(bytes ?? text)
      .digest("hex");
  await writeTable(join(await folder("prepare"), prepareFiles.documents), "documents", async (writer) => {
    for (const [document, one] of texts.entries()) await writer.append({ document, path: one.path, hash: hash(one), text: one.text });
  });
  const kept: { document: number; first: number; end: number }[] = [];
  await writeTable(join(await folder("significance"), significanceFile), "significance", async (writer) => {
    for (const [document, one] of texts.entries()) {
      const scores = scoreText(one.text);
      const base = scores.score.map((score) => Math.log(Number.isNaN(score) ? 1 : 0.1));
      const extended = scores.score.map((score) => Math.log(score > 0 ? 0.8 : 0.05));
      await writer.append({ document, path: one.path, hash: hash(one), ...scores, base, extended });
    }
  });
  await writeTable(join(await folder("select"), selectionFiles.selection), "selection", async (writer) => {
    for (const [document, { text }] of texts.entries()) {
      const { starts, ends, score } = scoreText(text);
      const first = sentenceTokens(text, segmentSentences(text), starts, ends);
      const counts = countImpactful(first, score, threshold);
      for (let sentence = 0; sentence < first.length; sentence++) {
        const end = first[sentence + 1] ?? score.length;
        const impactful = counts.impactful[sentence] ?? 0;
        if (impactful > 0) kept.push({ document, first: first[sentence] ?? 0, end });
        await writer.append({ document, sentence, first: first[sentence] ?? 0, end, impactful, score: counts.score[sentence] ?? 0 });
      }
    }
  });
  await writeFile(join(paths.stage("select"), selectionFiles.summary), JSON.stringify({ threshold }));
  await writeTable(join(await folder("samples"), sampleFiles.origins), "origins", async (writer) => {
    for (let sample = 0; sample < samples; sample++) {
      const runs = sample % 2 === 0 ? kept : [];
      const column = (name: "document" | "first" | "end"): Int32Array => Int32Array.from(runs, (run) => run[name]);
      await writer.append({ sample, document: column("document"), first: column("first"), end: column("end") });
    }
  });
  return new RunScores(directory, await readRun(directory));
}
