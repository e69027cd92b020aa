import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RecipeInput } from "../../../src/protocol/recipe.js";
import { prepareSummarySchema } from "../../../src/protocol/corpusSummary.js";
import { prepareStage } from "../../../src/runner/stages/prepare.js";
import { samplesStage } from "../../../src/runner/stages/samples.js";
import { selectStage } from "../../../src/runner/stages/select.js";
import { significanceStage } from "../../../src/runner/stages/significance.js";
import { readAll } from "../../../src/runner/tables/reader.js";
import { Words } from "../evaluation/words.js";
import { StageBench } from "./fakeWorker.js";
import { story } from "./story.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "foreign-"));
  for (const name of ["corpus", "general"]) await mkdir(join(folder, name));
  await writeFile(join(folder, "corpus", "a.txt"), story(0, 80));
  await writeFile(join(folder, "general", "a.txt"), story(0, 80));
  await writeFile(join(folder, "general", "b.txt"), `${story(0, 5)}\n<|added|>\n${story(0, 80)}`);
  await writeFile(join(folder, "general", "c.txt"), story(0, 80));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A bench whose model knows the tokens of the corpus alone. */
function bench(onError: "fail" | "skip", corpus: RecipeInput["corpus"] = { include: ["general"], onError }): StageBench {
  const words = new Words();
  const known = new Set(words.tokenize(story(0, 80)).ids);
  return new StageBench(
    folder,
    {
      trainedLength: 80,
      training: { samples: 4, batchSize: 2 },
      replay: { corpus, samples: 12, batchSize: 2, length: 64 },
    },
    { vocabularySize: known.size },
  );
}

it("replay text with tokens that the model lacks is told with file and line before anything is trained", async () => {
  await expect(bench("fail").run(prepareStage)).rejects.toMatchObject({
    code: "corpus-unreadable",
    message: expect.stringMatching(
      /general\/b\.txt: token \d+ \(line \d+\) is token id \d+, which the model with its \d+ tokens lacks/u,
    ) as string,
  });
});

it("or is left out and counted", async () => {
  const stages = bench("skip");
  const said = await stages.run(prepareStage);
  expect(said).toMatch(/, and 2 with [\d,]+ for replay; 1 with tokens that the model lacks left out$/u);
  const summary = prepareSummarySchema.parse(JSON.parse(await readFile(join(stages.output("prepare"), "summary.json"), "utf8")));
  expect(summary).toMatchObject({ replayDocuments: 2, replaySources: [{ documents: 2, foreign: 1 }], replayOmitted: { foreign: 1 } });
  expect(summary.replayOmitted?.examples).toMatchObject([{ path: "general/b.txt" }]);
  for (const stage of [significanceStage, selectStage, samplesStage]) await stages.run(stage);
  const replay = await readAll(join(stages.output("samples"), "replay.arrow"), "samples");
  expect([...new Set(replay.map(({ document }) => document))].sort()).toEqual([1, 3]);
});

it("sources keep their documents apart where one is left out", async () => {
  const stages = bench("skip", [
    { include: ["general/b.txt", "general/a.txt"], onError: "skip", weight: 1 },
    { include: ["general/c.txt"], weight: 1 },
  ]);
  for (const stage of [prepareStage, significanceStage, selectStage, samplesStage]) await stages.run(stage);
  const replay = await readAll(join(stages.output("samples"), "replay.arrow"), "samples");
  expect([1, 3].map((number) => replay.filter(({ document }) => document === number).length)).toEqual([6, 6]);
});

it("a source of which nothing is left is told", async () => {
  await expect(bench("skip", { include: ["general/b.txt"], onError: "skip" }).run(prepareStage)).rejects.toMatchObject({
    code: "corpus-empty",
    message: "The file of replay.corpus holds no text that the model has tokens for (1 with tokens that the model lacks left out).",
  });
});
