import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  findRuns,
  newRunDirectory,
  newRunName,
  readRun,
  readRunRecipe,
  recipeName,
  runsRoot,
  scopeOf,
  writeRun,
} from "../../../src/runner/runDirectory.js";
import { recipe, temporaryFolder } from "./support.js";

describe("run directory", () => {
  it("is named after the recipe and the time, and never twice the same", async () => {
    const folder = await temporaryFolder();
    const now = new Date(2025, 2, 4, 5, 6, 7);
    expect(newRunName("tiny", now)).toBe("tiny-20250304-050607");
    const first = await newRunDirectory(join(folder, "tiny.longrecipe.json"), {}, now);
    expect(first).toBe(join(folder, ".longrecipe", "runs", "tiny-20250304-050607"));
    await mkdir(first, { recursive: true });
    expect(await newRunDirectory(join(folder, "tiny.longrecipe.json"), {}, now)).toBe(`${first}-2`);
    expect(runsRoot(join(folder, "x.json"), { output: "../out" })).toBe(join(folder, "..", "out"));
    expect([recipeName("a b?.longrecipe.json"), recipeName("/x/..longrecipe.json")]).toEqual(["a-b-", "run"]);
  });

  it("keeps the resolved recipe and finds the recipe file again when both were moved", async () => {
    const folder = await temporaryFolder();
    const home = join(folder, "here");
    const directory = join(home, ".longrecipe", "runs", "r");
    await writeRun(directory, join(home, "tiny.longrecipe.json"), recipe({ name: "tiny" }), { now: 1000 });
    await rename(home, join(folder, "there"));
    const moved = join(folder, "there", ".longrecipe", "runs", "r");
    expect(await readRun(moved)).toEqual({
      version: 1,
      name: "tiny",
      created: 1000,
      recipeFile: join(folder, "there", "tiny.longrecipe.json"),
      model: "model",
      targetLength: 64,
    });
    expect(await readRunRecipe(moved)).toEqual(recipe({ name: "tiny" }));
  });

  it("keeps what a run is about, and forgets it where the run becomes one of all stages", async () => {
    const directory = join(await temporaryFolder(), "r");
    await writeRun(directory, join(directory, "a.json"), recipe(), { now: 1, only: new Set(["evaluate"]) });
    expect(scopeOf(await readRun(directory))).toEqual(new Set(["evaluate"]));
    await writeRun(directory, join(directory, "a.json"), recipe(), { now: 1 });
    expect(scopeOf(await readRun(directory))).toBeUndefined();
  });

  it("finds runs, the latest first, and passes over what is not a run", async () => {
    const folder = await temporaryFolder();
    const runs = join(folder, "a", ".longrecipe", "runs");
    await writeRun(join(runs, "old"), join(folder, "a.json"), recipe(), { now: 1 });
    await writeRun(join(runs, "new"), join(folder, "a.json"), recipe(), { now: 2 });
    await mkdir(join(folder, "node_modules", "x"), { recursive: true });
    await writeFile(join(folder, "run.json"), '{"scripts":{}}');
    await writeFile(join(folder, "node_modules", "x", "run.json"), "{}");
    expect((await findRuns(folder)).map(({ directory }) => directory)).toEqual([join(runs, "new"), join(runs, "old")]);
  });

  it("says what is wrong with a folder that is no run", async () => {
    const folder = await temporaryFolder();
    await expect(readRun(folder)).rejects.toMatchObject({ code: "not-a-run", exit: 2 });
    await writeFile(join(folder, "run.json"), '{"version":2}');
    await expect(readRun(folder)).rejects.toMatchObject({ code: "not-a-run" });
  });
});
