/** The form's fields, made from the recipe's JSON Schema. A shape that a form cannot show is left to the text. */
import type * as z from "zod";
import type { FormControl, FormNode, FormPath, FormUnion, FormValue } from "../protocol/recipeForm.js";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Keys that are for programs, not for people. */
const hidden = new Set(["$schema"]);

/** Fields, groups and unions of the schema of an object, in its order. */
export function formOf(schema: JsonSchema, path: FormPath = []): FormNode[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    if (path.length === 0 && hidden.has(key)) return [];
    return isSchema(property) ? [node(property, [...path, key], schema.required?.includes(key) === true)] : [];
  });
}

function node(schema: JsonSchema, path: FormPath, required: boolean): FormNode {
  const part = { path, label: labelOf(path), help: schema.description ?? "" };
  const choices = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].filter(isSchema);
  const union = choices.length > 0 ? unionOf(schema, choices, path) : null;
  if (union !== null) return { ...part, ...union };
  // Of several shapes, the first object is the common one; a recipe that has another is edited as text there.
  const object = [schema, ...choices].find((choice) => choice.type === "object" && choice.properties !== undefined);
  if (object !== undefined) {
    return { ...part, help: part.help === "" ? (object.description ?? "") : part.help, type: "group", children: formOf(object, path) };
  }
  return { ...part, type: "field", control: controlOf(schema), required, default: valueOf(schema.default) };
}

function unionOf(
  schema: JsonSchema,
  choices: readonly JsonSchema[],
  path: FormPath,
): Pick<FormUnion, "type" | "discriminator" | "default" | "variants"> | null {
  const [first] = choices;
  const discriminator = Object.entries(first?.properties ?? {}).find(
    ([, property]) => isSchema(property) && typeof property.const === "string",
  )?.[0];
  if (discriminator === undefined) return null;
  const variants = choices.flatMap((choice) => {
    const key = choice.properties?.[discriminator];
    if (!isSchema(key) || typeof key.const !== "string") return [];
    const rest = Object.fromEntries(Object.entries(choice.properties ?? {}).filter(([name]) => name !== discriminator));
    return [
      { value: key.const, help: key.description ?? choice.description ?? "", children: formOf({ ...choice, properties: rest }, path) },
    ];
  });
  if (variants.length !== choices.length) return null;
  const preset: unknown = isSchema(schema.default) ? Reflect.get(schema.default, discriminator) : undefined;
  return { type: "union", discriminator, default: typeof preset === "string" ? preset : null, variants };
}

function controlOf(schema: JsonSchema): FormControl {
  if (schema.enum !== undefined && schema.enum.every((option) => typeof option === "string"))
    return { kind: "choice", options: schema.enum };
  switch (schema.type) {
    case "boolean":
      return { kind: "boolean" };
    case "string":
      return { kind: "text" };
    case "integer":
    case "number":
      return { kind: "number", whole: schema.type === "integer", minimum: minimumOf(schema), maximum: limit(schema.maximum) };
    case "array":
      if (isSchema(schema.items) && schema.items.type === "string" && schema.items.enum === undefined)
        return { kind: "list", numbers: false };
      if (isSchema(schema.items) && (schema.items.type === "number" || schema.items.type === "integer"))
        return { kind: "list", numbers: true };
      return { kind: "json" };
    default:
      return { kind: "json" };
  }
}

/** The least allowed whole number; for other numbers the bound, which the checks know better. */
function minimumOf(schema: JsonSchema): number | null {
  const above = limit(schema.exclusiveMinimum);
  return above === null ? limit(schema.minimum) : schema.type === "integer" ? above + 1 : above;
}

/** Bounds that are only those of what a number can hold are no bounds. */
function limit(bound: unknown): number | null {
  return typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : null;
}

/** `microBatchSize` as "Micro batch size". */
export function labelOf(path: FormPath): string {
  const words = String(path.at(-1) ?? "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function valueOf(value: unknown): FormValue {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as FormValue);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
