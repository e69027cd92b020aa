import fc from "fast-check";
import { applyEdits, parse } from "jsonc-parser";
import { describe, expect, it } from "vitest";
import { editsOf } from "../../../src/editor/recipeFormEdits.js";
import { formOf, labelOf } from "../../../src/editor/recipeFormModel.js";
import { recipeJsonSchema } from "../../../src/protocol/jsonSchemas.js";
import type { FormNode, FormPath, FormValue } from "../../../src/protocol/recipeForm.js";
import { recipeSchema } from "../../../src/protocol/recipe.js";

const form = formOf(recipeJsonSchema());

function find(path: string, nodes: readonly FormNode[] = form): FormNode | undefined {
  for (const node of nodes) {
    if (node.path.join(".") === path) return node;
    const children =
      node.type === "group" ? node.children : node.type === "union" ? node.variants.flatMap((variant) => variant.children) : [];
    const found = find(path, children);
    if (found !== undefined) return found;
  }
  return undefined;
}

function change(text: string, path: FormPath, value: FormValue | undefined): string {
  return applyEdits(text, editsOf(text, path, value));
}

describe("the form of a recipe", () => {
  it("has every key of the recipe, in its order", () => {
    expect(form.map(({ path }) => path[0])).toEqual(Object.keys(recipeSchema.shape).filter((key) => key !== "$schema"));
  });

  it("edits each kind of setting in its own way, with help and defaults", () => {
    expect(find("targetLength")).toMatchObject({
      type: "field",
      required: true,
      control: { kind: "number", whole: true, minimum: 1, maximum: 1 << 24 },
    });
    expect(find("training.method")).toMatchObject({
      control: { kind: "choice", options: ["full", "lora"] },
      default: "full",
      required: false,
    });
    expect(find("training.gradientCheckpointing")).toMatchObject({ control: { kind: "boolean" }, default: true });
    expect(find("training.learningRate")).toMatchObject({ control: { kind: "number", whole: false }, default: 5e-5 });
    expect(find("evaluation.needle.depths")).toMatchObject({ control: { kind: "list", numbers: true }, default: [0, 0.25, 0.5, 0.75, 1] });
    expect(find("corpus.include")).toMatchObject({ control: { kind: "list", numbers: false }, required: true });
    expect(find("rope.type")?.help).toContain("`ntk`");
  });

  it("shows alternatives as such", () => {
    const reference = find("significance.reference");
    expect(reference).toMatchObject({ type: "union", discriminator: "source", default: "rope" });
    if (reference?.type !== "union") throw new Error("not a union");
    expect(reference.variants.map(({ value }) => value)).toEqual(["rope", "checkpoint", "warmup", "contrast"]);
    expect(reference.variants[2]?.children.map(({ label }) => label)).toContain("Batch size");
  });

  it("names keys as people read them", () => {
    expect(labelOf(["training", "microBatchSize"])).toBe("Micro batch size");
  });
});

const text = `{
    // the model
    "model": "./model", /* ours */
    "targetLength": 8192,
    "corpus": { "include": ["corpus"] },
    "training": {
        "batchSize": 8 // small
    },
    "rope": {
        "type": "yarn"
    },
}
`;

describe("a change of the form", () => {
  it("touches its own value and nothing else", () => {
    expect(change(text, ["targetLength"], 16_384)).toBe(text.replace("8192", "16384"));
    expect(change(text, ["training", "batchSize"], 16)).toBe(text.replace('"batchSize": 8', '"batchSize": 16'));
  });

  it("writes new keys with the text's own indentation", () => {
    expect(change(text, ["training", "steps"], 100)).toContain('\n        "steps": 100');
    expect(change(text, ["merge", "alpha"], 0.7)).toContain('"merge": {\n        "alpha": 0.7\n    }');
    expect(change('{\r\n\t"model": "m"\r\n}', ["seed"], 1)).toBe('{\r\n\t"model": "m",\r\n\t"seed": 1\r\n}');
  });

  it("takes out a key, and the group that it leaves empty, unless that holds a comment", () => {
    expect(parse(change(text, ["rope", "type"], undefined))).not.toHaveProperty("rope");
    const left = change(text, ["training", "batchSize"], undefined);
    expect(parse(left)).toHaveProperty("training", {});
  });

  it("gives exactly the value that was set, wherever it is set, and keeps the rest", () => {
    const paths = [["targetLength"], ["training", "batchSize"], ["merge", "alpha"], ["evaluation", "needle", "depths"], ["rope"]];
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }))),
        (path, value) => {
          const changed = change(text, path, value);
          const found = path.reduce<unknown>(
            (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
            parse(changed),
          );
          expect(found).toEqual(JSON.parse(JSON.stringify(value)));
          expect(changed).toContain("// the model");
          expect(parse(changed)).toMatchObject({ model: "./model", corpus: { include: ["corpus"] } });
        },
      ),
    );
  });
});
