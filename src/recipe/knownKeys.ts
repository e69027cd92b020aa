/** The keys a recipe may hold, by place, read from its JSON Schema. */
import * as z from "zod";
import { recipeSchema } from "../protocol/recipe.js";

type JsonSchema = z.core.JSONSchema.BaseSchema;

let schema: JsonSchema | null = null;

/**
 * Names allowed in the object at `path`; with `key`, the values allowed for that key where it is an enumeration or
 * tells alternatives apart.
 */
export function knownKeys(path: readonly PropertyKey[], key?: string): string[] {
  schema ??= z.toJSONSchema(recipeSchema, { io: "input" });
  let places: JsonSchema[] = alternatives(schema);
  for (const part of path) {
    places = places.flatMap((place) => (typeof part === "string" ? property(place, part) : items(place)));
  }
  if (key === undefined) return [...new Set(places.flatMap((place) => Object.keys(place.properties ?? {})))];
  return [...new Set(places.flatMap((place) => property(place, key)).flatMap(values))];
}

function property(place: JsonSchema, name: string): JsonSchema[] {
  const found = place.properties?.[name];
  return typeof found === "object" ? alternatives(found) : [];
}

function items(place: JsonSchema): JsonSchema[] {
  const found = place.items;
  return typeof found === "object" && !Array.isArray(found) ? alternatives(found) : [];
}

function alternatives(place: JsonSchema): JsonSchema[] {
  const choices = [...(place.anyOf ?? []), ...(place.oneOf ?? [])].filter((choice) => typeof choice === "object");
  return choices.length > 0 ? choices.flatMap(alternatives) : [place];
}

function values(place: JsonSchema): string[] {
  if (place.const !== undefined) return [String(place.const)];
  return (place.enum ?? []).map(String);
}
