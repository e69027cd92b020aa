/**
 * The recipe's JSON Schema as VS Code's JSON support gets it: for completion and hover alone.
 *
 * What is wrong with a recipe our own diagnostics tell, with better words and more knowledge. Rules that the JSON support
 * would check are taken out, so that nothing is marked twice; what it completes from them is said in other ways.
 */
import type * as z from "zod";

type JsonSchema = z.core.JSONSchema.BaseSchema;
type Snippet = { readonly label: string; readonly body: unknown; readonly description?: string | undefined };

/** @param schema the strict schema; nothing in it is changed. */
export function editorSchema(schema: JsonSchema): JsonSchema {
  const { $schema, title } = schema;
  return { ...($schema === undefined ? {} : { $schema }), ...(title === undefined ? {} : { title }), ...place(schema) };
}

function place(schema: JsonSchema): JsonSchema {
  const shapes = alternatives(schema);
  const properties = mergedProperties(shapes);
  const items = shapes.map((shape) => shape.items).find(isSchema);
  const snippets = suggestions(schema, shapes);
  return {
    ...(schema.description === undefined ? {} : { description: schema.description, markdownDescription: schema.description }),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(items === undefined ? {} : { items: place(items) }),
    ...(snippets.length > 0 ? { defaultSnippets: snippets } : {}),
  };
}

/** The shapes that a value may have; the schema itself where there is one. */
function alternatives(schema: JsonSchema): JsonSchema[] {
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(isSchema);
  return choices.length > 0 ? choices.flatMap(alternatives) : [schema];
}

/** Keys of all shapes; one that several have (such as the key that tells them apart) offers what each allows. */
function mergedProperties(shapes: readonly JsonSchema[]): Record<string, JsonSchema> {
  const found = new Map<string, JsonSchema[]>();
  for (const shape of shapes) {
    for (const [name, property] of Object.entries(shape.properties ?? {})) {
      if (isSchema(property)) found.set(name, [...(found.get(name) ?? []), property]);
    }
  }
  return Object.fromEntries(
    [...found].map(([name, [first, ...more]]) => [
      name,
      first !== undefined && more.length === 0 ? place(first) : place({ anyOf: [first ?? {}, ...more] }),
    ]),
  );
}

function suggestions(schema: JsonSchema, shapes: readonly JsonSchema[]): Snippet[] {
  return shapes.flatMap((shape): Snippet[] => {
    const values = shape.const === undefined ? (shape.enum ?? (shape.type === "boolean" ? [true, false] : [])) : [shape.const];
    if (values.length > 0) {
      return values.map((value) => ({
        label: JSON.stringify(value),
        body: value,
        description: shape === schema ? undefined : shape.description,
      }));
    }
    if (schema.default !== undefined) return [];
    if (shape.type === "object") return [{ label: "{ }", body: {}, description: shape.description }];
    return shape.type === "array" ? [{ label: "[ ]", body: [], description: shape.description }] : [];
  });
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
