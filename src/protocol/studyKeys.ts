/** Completion for the recipe keys that a study changes: each key path, with the description and values of that key. */
import type * as z from "zod";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Keys of a recipe that no study changes. */
const fixed = new Set(["$schema", "name", "output", "study"]);
const reference = "#/definitions/studyKeys";

/**
 * @param schema the schema to complete; gets the definitions
 * @param recipe schema of a recipe, from which the keys are read
 * @param study the part of `schema` that holds `set`, `matrix` and `variants`
 * @param strict whether other keys are faults
 */
export function withStudyKeys(schema: JsonSchema, recipe: JsonSchema, study: unknown, strict: boolean): JsonSchema {
  const keys = Object.fromEntries(keyPaths(recipe, ""));
  const entries = (each: (path: string) => JsonSchema): JsonSchema => ({
    type: "object",
    properties: Object.fromEntries(Object.keys(keys).map((path) => [path, each(path)])),
    // Places in lists (`corpus[0].include`) are not listed, only allowed.
    ...(strict ? { patternProperties: { "\\[": {} }, additionalProperties: false } : {}),
  });
  Object.assign(schema, {
    definitions: {
      // In a recipe's own schema the keys are there already.
      studyKeys: entries((path) =>
        recipe === schema ? { $ref: `#/properties/${path.replaceAll(".", "/properties/")}` } : (keys[path] ?? {}),
      ),
      studyValues: entries((path) => ({ type: "array", minItems: 1, items: { $ref: `${reference}/properties/${path}` } })),
    },
  });
  if (!isSchema(study) || study.properties === undefined) throw new Error("the schema has no place for a study");
  Object.assign(study.properties, {
    set: { ...about(study, "set"), allOf: [{ $ref: reference }] },
    matrix: { ...about(study, "matrix"), allOf: [{ $ref: "#/definitions/studyValues" }] },
    variants: { ...about(study, "variants"), type: "object", additionalProperties: { $ref: reference } },
  });
  return schema;
}

function about(study: JsonSchema, name: string): JsonSchema {
  const before = study.properties?.[name];
  if (!isSchema(before)) throw new Error(`a study has no ${name}`);
  return {
    ...(before.description === undefined ? {} : { description: before.description }),
    ...(before.default === undefined ? {} : { default: before.default }),
  };
}

/** Schemas of the keys that hold values, by dotted path. */
function keyPaths(schema: JsonSchema, prefix: string): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, found]): [string, JsonSchema][] => {
    if (!isSchema(found) || (prefix === "" && fixed.has(name))) return [];
    const path = `${prefix}${name}`;
    return found.properties === undefined ? [[path, found]] : keyPaths(found, `${path}.`);
  });
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}
