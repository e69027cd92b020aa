import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecipeInput } from "../../../src/protocol/recipe.js";
import { exportSchema } from "../../../src/protocol/recipe.js";
import { exportSettings } from "../../../src/runner/cli/export.js";
import type { JobRequest } from "../../../src/runner/stage.js";
import { exportStage } from "../../../src/runner/stages/export.js";
import { StageBench } from "./fakeWorker.js";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "export-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function exported(recipe: Partial<RecipeInput>): Promise<Extract<JobRequest, { kind: "export" }>> {
  const bench = new StageBench(folder, recipe);
  await bench.run(exportStage);
  const job = bench.worker.jobs[0];
  if (job?.kind !== "export") throw new Error("no export");
  expect(bench.events).toContainEqual({ kind: "result", name: "scorer", path: job.output });
  return job;
}

describe("export", () => {
  it("is skipped unless the recipe asks for it, and where a model alone is evaluated", () => {
    const bench = (recipe: Partial<RecipeInput>): StageBench => new StageBench(folder, recipe);
    expect(exportStage.skip(bench({}).context("export"))).toContain("does not ask");
    const asked = bench({ export: { enabled: true } });
    expect(exportStage.skip(asked.context("export"))).toBeNull();
    asked.skipped.add("prepare");
    expect(exportStage.skip(asked.context("export"))).not.toBeNull();
  });

  it("takes the model that the recipe names", async () => {
    const trained = await exported({ export: { enabled: true, format: "int8" } });
    expect(trained).toMatchObject({ format: "int8", measure: "logit" });
    expect(trained.models.map(({ name, window, minContext }) => [name, window, minContext])).toEqual([
      ["base", 256, 128],
      ["extended", 256, 128],
    ]);
    expect(trained.models[1]?.model.path).toBe(join(folder, "run", "stages", "05-extend", "model"));
    const merged = await exported({ export: { enabled: true, extended: "merged" } });
    expect(merged.models[1]?.model.path).toBe(join(folder, "run", "stages", "07-merge", "model"));
    const rope = await exported({ export: { enabled: true, extended: "reference" }, rope: { type: "linear" } });
    expect(rope.models[1]?.model.rope?.parameters).toMatchObject({ rope_type: "linear" });
  });

  it("cuts what the base sees where the reference is a contrast, as the worker's score job does", async () => {
    const significance = { reference: { source: "contrast" as const, context: 20 }, window: 64 };
    const job = await exported({ export: { enabled: true, extended: "reference" }, significance });
    expect(job.models.map(({ window, minContext }) => [window, minContext])).toEqual([
      [21, 11],
      [64, 32],
    ]);
  });

  it("has another key for another format, and for another model", async () => {
    const key = (settings: RecipeInput["export"]): Promise<unknown> =>
      exportStage.inputs(new StageBench(folder, { export: settings }).context("export"));
    expect(await key({ enabled: true })).toEqual(await key({ enabled: true, format: "fp16" }));
    expect(await key({ enabled: true })).not.toEqual(await key({ enabled: true, format: "fp32" }));
    expect(await key({ enabled: true })).not.toEqual(await key({ enabled: true, extended: "merged" }));
  });

  it("takes what the command line says over the recipe, and names what cannot be chosen", () => {
    const own = exportSchema.parse({ format: "fp32" });
    expect(exportSettings(own, {})).toEqual({ enabled: true, format: "fp32", extended: "trained" });
    expect(exportSettings(own, { format: "int8", extended: "merged" })).toMatchObject({ format: "int8", extended: "merged" });
    expect(() => exportSettings(own, { format: "int4" })).toThrow("--format");
  });
});
