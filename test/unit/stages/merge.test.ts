import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecipeInput } from "../../../src/protocol/recipe.js";
import { resultsSchema } from "../../../src/protocol/results.js";
import { evaluateStage } from "../../../src/runner/stages/evaluate.js";
import { mergeStage } from "../../../src/runner/stages/merge.js";
import { StageBench } from "./fakeWorker.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrecipe-merge-"));
  await mkdir(join(folder, "corpus"));
  for (let file = 0; file < 4; file++) await writeFile(join(folder, "corpus", `${file}.txt`), "All is calm by the sea. ".repeat(150));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const extended = join("run", "stages", "05-extend", "model");
const merged = join("run", "stages", "07-merge", "model");
const evaluation = { needle: { lengths: [128], trials: 1, depths: [0.5], distractors: 0 }, perplexity: { documents: 1 } };
const bench = (merge: RecipeInput["merge"]): StageBench => new StageBench(folder, { merge, evaluation });

async function mergeJob(merge: RecipeInput["merge"]): Promise<unknown> {
  const stages = bench(merge);
  await stages.run(mergeStage);
  return stages.worker.jobs[0];
}

describe("merge", () => {
  it("asks for what the recipe says and for nothing that has no meaning", async () => {
    const paths = { kind: "merge", base: "fake", extended: join(folder, extended), output: join(folder, merged) };
    expect(await mergeJob({})).toEqual({ ...paths, alpha: 0.5 });
    const layers = [{ layers: "0-3", alpha: 0.2 }];
    expect(await mergeJob({ method: "slerp", alpha: 0.4, layers, density: 0.3 })).toEqual({
      ...paths,
      method: "slerp",
      alpha: 0.4,
      layers,
    });
    expect(await mergeJob({ method: "ties", density: 0.3 })).toEqual({ ...paths, method: "ties", alpha: 0.5, density: 0.3 });
  });

  it("keeps its cache key where nothing but the sweep changes", async () => {
    const inputs = (merge: RecipeInput["merge"]): Promise<unknown> => mergeStage.inputs(bench(merge).context("merge"));
    expect(await inputs({ sweep: [0.1] })).toEqual(await inputs({}));
    expect(await inputs({ layers: [{ layers: "1", alpha: 1 }] })).not.toEqual(await inputs({}));
    const evaluated = (merge: RecipeInput["merge"]): Promise<unknown> => evaluateStage.inputs(bench(merge).context("evaluate"));
    expect(await evaluated({ sweep: [0.1] })).not.toEqual(await evaluated({}));
  });

  it("evaluates the alphas of a sweep without writing their models", async () => {
    const stages = bench({ sweep: [0.75, 0.25, 0.5, 0.25], layers: [{ layers: "*norm*", alpha: 0 }] });
    await stages.run(evaluateStage);
    const score = stages.worker.jobs.find((job) => job.kind === "score");
    const names = ["base", "rope", "extended", "merged", "merged@0.25", "merged@0.75"];
    expect(score?.models.map(({ name }) => name)).toEqual(names);
    expect(score?.models[4]?.model).toEqual({
      path: "fake",
      merge: { with: join(folder, extended), alpha: 0.25, layers: [{ layers: "*norm*", alpha: 0 }] },
    });
    expect(stages.worker.jobs.map(({ kind }) => kind)).not.toContain("merge");
    const results = resultsSchema.parse(JSON.parse(await readFile(join(stages.output("evaluate"), "results.json"), "utf8")));
    for (const task of ["needle", "perplexity"]) {
      expect([...new Set(results.rows.filter((row) => row.task === task).map(({ model }) => model))]).toEqual(names);
    }
    const report = await readFile(join(stages.output("evaluate"), "report.md"), "utf8");
    expect(report).toContain("| merged@0.25 |");
    expect(report).toContain("| merged@0.75 |");
  });
});
