import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../src/protocol/errors.js";
import { expandStudy } from "../../../src/study/expand.js";
import { loadStudy } from "../../../src/study/load.js";
import { studyPlaces } from "../../../src/study/places.js";
import { temporaryFolder } from "../runner/support.js";

const recipe = { model: "model", targetLength: 64, corpus: { include: ["corpus"] } };

async function file(name: string, value: unknown): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

async function fault(path: string): Promise<string> {
  try {
    await loadStudy(path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.message, ...error.problems.map((problem) => `${problem.path}: ${problem.message}`)].join("\n");
  }
  throw new Error("nothing was wrong");
}

describe("a study's file", () => {
  it("may be a recipe with the key study", async () => {
    const path = await file("my.longrecipe.json", { ...recipe, study: { matrix: { seed: [4], "merge.alpha": [0, 1] } } });
    const loaded = await loadStudy(path);
    expect(loaded).toMatchObject({ name: "my", recipeFile: path });
    expect(expandStudy(loaded.recipe, loaded.study, loaded.name).map(({ row }) => row)).toEqual(["alpha 0", "alpha 1"]);
    expect(studyPlaces(loaded).directory).toBe(join(path, "..", ".longrecipe", "studies", "my"));
  });

  it("may name a recipe, which may lie elsewhere and have comments", async () => {
    const base = await file("base.longrecipe.json", `// mine\n${JSON.stringify(recipe)}`);
    const loaded = await loadStudy(await file("s.longstudy.json", { recipe: base, $schema: "x", seeds: [1] }));
    expect(loaded).toMatchObject({ name: "s", recipeFile: base });
    expect(expandStudy(loaded.recipe, loaded.study, "s")).toHaveLength(1);
  });

  it("is refused by key, by line, and where there is no study", async () => {
    expect(await fault(await file("a.longstudy.json", { recipe: "x", seeds: [] }))).toMatch(/seeds: /u);
    expect(await fault(await file("b.longstudy.json", { seeds: [1] }))).toContain("recipe: is missing");
    expect(await fault(await file("c.longstudy.json", '{\n "recipe" 1\n}'))).toContain("line 2");
    expect(await fault(await file("d.longrecipe.json", recipe))).toContain("has no study");
    expect(await fault(await file("e.longstudy.json", { recipe: "gone.longrecipe.json" }))).toContain(
      "gone.longrecipe.json cannot be read",
    );
  });
});
