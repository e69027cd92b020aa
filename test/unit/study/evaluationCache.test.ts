import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resultsSchema, type Results } from "../../../src/protocol/results.js";
import type { RecipeInput } from "../../../src/protocol/recipe.js";
import { evaluateStage } from "../../../src/runner/stages/evaluate.js";
import { StageBench } from "../stages/fakeWorker.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "evaluated-"));
  await mkdir(join(folder, "corpus"));
  const text = Array.from({ length: 120 }, (_, at) => `Then word${at % 50} went home again.`).join(" ");
  for (const file of ["a", "b"]) await writeFile(join(folder, "corpus", `${file}.txt`), text);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Evaluates anew; returns what the worker was asked, and the results. */
async function evaluate(needle: object, rope: RecipeInput["rope"] = {}): Promise<{ asked: string[]; results: Results }> {
  const bench = new StageBench(folder, {
    rope,
    evaluation: { needle: { trials: 1, depths: [0.5], ...needle }, perplexity: { documents: 2 } },
  });
  await rm(bench.output("evaluate"), { recursive: true, force: true });
  await bench.run(evaluateStage);
  const asked = bench.worker.jobs.flatMap((job) =>
    job.kind === "generate" || job.kind === "score" ? job.models.map(({ name }) => `${job.kind} ${name}`) : [],
  );
  return { asked, results: resultsSchema.parse(JSON.parse(await readFile(join(bench.output("evaluate"), "results.json"), "utf8"))) };
}

describe("evaluation of models that no run changes", () => {
  it("is done once for the same prompts, and gives the same results", async () => {
    const first = await evaluate({});
    expect(first.asked).toHaveLength(2 * 4);
    const second = await evaluate({});
    expect(second.asked).toEqual(["generate extended", "generate merged", "score extended", "score merged"]);
    expect(second.results.rows).toEqual(first.results.rows);
  });

  it("is done again where prompts or rotary scaling are others", async () => {
    await evaluate({});
    expect((await evaluate({ valueDigits: 6 })).asked.filter((what) => what.endsWith("base"))).toEqual(["generate base"]);
    const other = (await evaluate({}, { type: "linear" })).asked;
    expect(other).toContain("generate rope");
    expect(other).not.toContain("generate base");
  });
});

describe("single-key retrieval", () => {
  it("asks for the same needles without distractors", async () => {
    const { results } = await evaluate({ single: true, lengths: [200] });
    const of = (task: string) => results.rows.filter((row) => row.task === task && row.model === "merged");
    expect(of("needle-single").map(({ expected }) => expected)).toEqual(of("needle").map(({ expected }) => expected));
    expect(of("needle-single").map(({ promptHash }) => promptHash)).not.toEqual(of("needle").map(({ promptHash }) => promptHash));
  });
});
