import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/protocol/errors.js";
import { nameFrom } from "../../../src/protocol/name.js";
import { locateKey, splitPath } from "../../../src/recipe/locate.js";
import { parseRecipe } from "../../../src/recipe/parse.js";

function problems(text: string): readonly Problem[] {
  const parsed = parseRecipe(text);
  return "problems" in parsed ? parsed.problems : [];
}

describe("parseRecipe", () => {
  it("fills in the paper's defaults", () => {
    const parsed = parseRecipe('{ "model": "m", "targetLength": 1000, "corpus": { "include": ["a"] } }');
    expect("recipe" in parsed && parsed.recipe).toMatchObject({
      selection: { topFraction: 0.2 },
      training: { learningRate: 5e-5 },
      replay: { learningRate: 5e-6 },
      merge: { alpha: 0.5 },
      seed: 42,
    });
  });

  it("allows comments, trailing commas and a byte order mark, as VS Code does", () => {
    expect("recipe" in parseRecipe('\uFEFF{ // why\n "model": "m", "targetLength": 9, "corpus": { "include": ["a",] }, }')).toBe(true);
  });

  it("tells every problem at once, each with its key's path", () => {
    const found = problems(
      '{ "model": "", "targetLength": 1.5, "traning": {}, "training": { "learningrate": 1 }, "corpus": { "include": [1] }, "significance": { "reference": { "source": "rop" } }, "rope": { "type": "x" } }',
    );
    const byPath = new Map(found.map(({ path, message }) => [path, message]));
    expect([...byPath.keys()].sort()).toEqual(
      [
        "model",
        "targetLength",
        "traning",
        "training.learningrate",
        "corpus.include[0]",
        "significance.reference.source",
        "rope.type",
      ].sort(),
    );
    expect(byPath.get("traning")).toBe("unknown key; did you mean `training`?");
    expect(byPath.get("training.learningrate")).toBe("unknown key; did you mean `learningRate`?");
    expect(byPath.get("significance.reference.source")).toBe("must be one of rope, checkpoint, warmup, contrast");
  });

  it("takes no key that is given twice, wherever it stands", () => {
    const good = '"model": "m", "targetLength": 9, "corpus": [{ "include": ["a"] }, { "include": ["b"] }]';
    expect(problems(`{ ${good}, "seed": 1, "seed": 2 }`)).toEqual([
      { path: "seed", message: "is given 2 times; only the last would count" },
    ]);
    expect(problems(`{ ${good}, "training": { "steps": 1, "steps": 1 }, "replay": { "steps": 1 } }`)).toMatchObject([
      { path: "training.steps" },
    ]);
    expect(problems(`{ ${good} }`)).toEqual([]);
  });

  it("refuses names that no file system takes, and windows in which nothing is scored", () => {
    const good = '"model": "m", "targetLength": 9, "corpus": { "include": ["a"] }';
    expect(problems(`{ ${good}, "name": "${"n".repeat(300)}" }`)).toMatchObject([{ path: "name" }]);
    expect(problems(`{ ${good}, "significance": { "window": 1 } }`)).toMatchObject([{ path: "significance.window" }]);
    expect(nameFrom("a b".repeat(100))).toHaveLength(200);
  });

  it("refuses targets that no memory would hold", () => {
    expect(problems('{ "model": "m", "targetLength": 2000000000, "corpus": { "include": ["a"] } }')).toMatchObject([
      { path: "targetLength" },
    ]);
  });

  it("lists the known keys where none is near, also inside alternatives", () => {
    expect(
      problems(
        '{ "model": "m", "targetLength": 9, "corpus": { "include": ["a"] }, "significance": { "reference": { "source": "contrast", "context": 4, "zzzzzzz": 1 } } }',
      ),
    ).toEqual([{ path: "significance.reference.zzzzzzz", message: expect.stringContaining("source, model, steps") as string }]);
  });

  it("takes one source or a list of them, and names the faults of the form that was meant", () => {
    const corpus = (value: string) =>
      problems(`{ "model": "m", "targetLength": 9, "corpus": ${value} }`).map(({ path, message }) => `${path} ${message}`);
    expect(corpus('{ "include": ["a"], "weight": 2 }')).toEqual([]);
    expect(corpus('[{ "include": ["a"], "weight": 2 }, { "include": ["b"], "onError": "skip" }]')).toEqual([]);
    expect(corpus('{ "includ": ["a"] }')).toEqual(["corpus.include is missing", "corpus.includ unknown key; did you mean `include`?"]);
    expect(corpus('[{ "include": ["a"] }, { "include": ["b"], "weigth": 1 }]')).toEqual([
      "corpus[1].weigth unknown key; did you mean `weight`?",
    ]);
    expect(corpus("7")).toEqual(["corpus must be one source or a list of sources"]);
  });

  it("names missing keys", () => {
    expect(problems("{}").map(({ path, message }) => `${path} ${message}`)).toEqual([
      "model is missing",
      "targetLength is missing",
      "corpus is missing",
    ]);
  });

  it("tells line and column where the text is no JSON", () => {
    expect(problems('{ "model": "m",\n  "targetLength" 9 }')).toEqual([
      { path: "line 2, column 18", message: "not valid JSON: colon expected" },
    ]);
    expect(problems("")).toHaveLength(1);
    expect(problems("[]")).toEqual([{ path: "(recipe)", message: expect.any(String) as string }]);
  });
});

describe("locateKey", () => {
  const text = '{\n  "training": { "learningRate": 1 },\n  "corpus": { "include": ["a", "b"] } }';
  const at = (path: string) => {
    const { start, end } = locateKey(text, path);
    return text.slice(start, end);
  };

  it("finds keys, elements, and the nearest place around a missing key", () => {
    expect(at("training.learningRate")).toBe('"learningRate"');
    expect(at("corpus.include[1]")).toBe('"b"');
    expect(at("training.samples")).toBe('"training"');
    expect(at("model")).toBe("{");
    expect(at("(recipe)")).toBe("{");
    expect(at("line 2, column 3")).toBe('"');
  });

  it("stays inside any text", () => {
    expect(locateKey("", "model")).toEqual({ start: 0, end: 0 });
    expect(locateKey("{", "line 9, column 9").end).toBeLessThanOrEqual(1);
    expect(splitPath("a.b[0].c")).toEqual(["a", "b", 0, "c"]);
  });
});
