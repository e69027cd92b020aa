/** The JSON Schemas made from the zod schemas. The files are committed; a unit test keeps them in step. */
import * as z from "zod";
import { jobSchema } from "./jobs.js";
import { recipeSchema } from "./recipe.js";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** For the editor: what a person may write, so keys with defaults are optional. */
export function recipeJsonSchema(): JsonSchema {
  // draft-07 is what VS Code's JSON language service knows best.
  return { title: "LongRecipe recipe", ...z.toJSONSchema(recipeSchema, { io: "input", target: "draft-7" }) };
}

/** For the worker. */
export function jobJsonSchema(): JsonSchema {
  return { title: "LongRecipe worker job", ...z.toJSONSchema(jobSchema, { io: "input" }) };
}

/** Committed schema files by their path from the repository's root. */
export function schemaFiles(): Readonly<Record<string, JsonSchema>> {
  return {
    "schemas/recipe.schema.json": recipeJsonSchema(),
    "native-bin/worker/src/longrecipe_worker/job.schema.json": jobJsonSchema(),
  };
}
