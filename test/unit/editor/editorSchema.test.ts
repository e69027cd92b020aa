import { describe, expect, it } from "vitest";
import { editorSchema } from "../../../src/protocol/editorSchema.js";
import { recipeJsonSchema } from "../../../src/protocol/jsonSchemas.js";

const strict = recipeJsonSchema();
const loose = editorSchema(strict);

/** Names of all keywords in a schema, those of its parts among them. */
function keywords(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return found;
  for (const [key, inner] of Object.entries(value)) {
    found.add(key);
    if (key === "properties") for (const property of Object.values(inner as object)) keywords(property, found);
    else if (key === "items") keywords(inner, found);
  }
  return found;
}

describe("the schema for the editor", () => {
  it("explains and completes, and checks nothing: our own diagnostics do", () => {
    const allowed = ["$schema", "title", "description", "markdownDescription", "default", "properties", "items", "defaultSnippets"];
    expect([...keywords(loose)].filter((keyword) => !allowed.includes(keyword))).toEqual([]);
  });

  it("has every key of the strict one, with its description", () => {
    expect(Object.keys(loose.properties ?? {})).toEqual(Object.keys(strict.properties ?? {}));
    expect(JSON.stringify(loose)).toContain("T: the context window to reach");
  });

  it("offers the values of enumerations, switches and alternatives", () => {
    const rope: unknown = loose.properties?.["rope"];
    expect(JSON.stringify(rope)).toContain('{"label":"\\"yarn\\"","body":"yarn"}');
    const significance = JSON.stringify(loose.properties?.["significance"]);
    for (const source of ["rope", "checkpoint", "warmup", "contrast"]) expect(significance).toContain(`"body":"${source}"`);
    expect(JSON.stringify(loose.properties?.["training"])).toContain('{"label":"true","body":true}');
  });
});
