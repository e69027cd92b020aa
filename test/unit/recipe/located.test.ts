import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { located, problemLine } from "../../../src/recipe/located.js";
import { parseRecipe } from "../../../src/recipe/parse.js";

const text = `{
  "model": "./model",
  // T
  "targetLength": "long",
  "corpus": { "include": ["corpus"] },
  "training": { "batchsize": 8 }
}`;

function problems(source: string) {
  const parsed = parseRecipe(source);
  return "problems" in parsed ? parsed.problems : [];
}

const matcherSchema = z.object({
  contributes: z.object({ problemMatchers: z.tuple([z.object({ pattern: z.object({ regexp: z.string() }) })]) }),
});

describe("problems with places", () => {
  it("point at the key, lines and columns counted from 1", () => {
    expect(located(problems(text), "/a/bad.longrecipe.json", text).map(({ path, at }) => [path, at?.line, at?.column])).toEqual([
      ["targetLength", 4, 3],
      ["training.batchsize", 6, 17],
    ]);
  });

  it("are printed as the problem matcher of package.json reads them", () => {
    const manifest = matcherSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8")));
    const pattern = new RegExp(manifest.contributes.problemMatchers[0].pattern.regexp);
    const lines = located(problems(text), "C:\\work\\bad one.longrecipe.json", text).map(problemLine);
    const [, file, line, column, severity, message] = pattern.exec(lines[1] ?? "") ?? [];
    expect([file, line, column, severity]).toEqual(["C:\\work\\bad one.longrecipe.json", "6", "17", "error"]);
    expect(message).toMatch(/^training\.batchsize: unknown key; did you mean `batchSize`/);
  });

  it("name the place in broken JSON", () => {
    const [first] = located(problems('{\n  "model": \n}'), "f.json", '{\n  "model": \n}');
    expect(first?.at).toMatchObject({ line: 3 });
  });

  it("are printed without a place where there is no text", () => {
    expect(problemLine({ path: "model", message: "is missing" })).toBe("  model: is missing");
  });
});
