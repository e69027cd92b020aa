import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { glob } from "tinyglobby";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/environment/locations.js";
import { studiesIn, withTables } from "../../../src/study/documents.js";
import { expandStudy } from "../../../src/study/expand.js";
import { loadStudy } from "../../../src/study/load.js";
import { readStudies } from "../../../src/study/writeStudy.js";

const root = packageRoot();

describe("documents with tables of studies", () => {
  // Whoever changes a table by hand, or the results without the tables, is told here: npm run study -- --docs.
  it.each(["README.md", "docs/studies.md"])("%s says what the results say", async (file) => {
    const text = await readFile(join(root, file), "utf8");
    const names = studiesIn(text);
    expect(names).toContain("baselines");
    const reports = await readStudies(join(root, "docs", "studies"), names);
    expect(reports.get("baselines")).toBeDefined();
    expect(withTables(text, reports)).toBe(text);
  });

  it("say of a study without results that it was not run, and refuse a part they do not know", () => {
    expect(withTables("<!-- study:none:tables -->\n<!-- /study -->", new Map())).toContain("Not run yet");
    expect(() => withTables("<!-- study:none:pies -->\n<!-- /study -->", new Map())).toThrow("no part pies");
  });
});

describe("ready-made studies", async () => {
  const files = await glob("examples/studies/*.longstudy.json", { cwd: root, absolute: true });
  it.each(files)("%s makes recipes that hold together", async (file) => {
    const { recipe, study, name } = await loadStudy(file);
    const plans = expandStudy(recipe, study, name);
    expect(new Set(plans.map(({ seed }) => seed)).size).toBeGreaterThanOrEqual(3);
    const rows = new Set(plans.map(({ row }) => row));
    // A row; or a model of every run: a trained one, the base, or the base under the new positions.
    const models = [...study.models, "base", "rope"];
    if (study.reference !== undefined && !models.includes(study.reference)) expect(rows).toContain(study.reference);
  });
});
