/** The JSON Schemas made from the zod schemas. The files are committed; a unit test keeps them in step. */
import * as z from "zod";
import { editorSchema } from "./editorSchema.js";
import { jobSchema } from "./jobs.js";
import { recipeSchema } from "./recipe.js";
import { studyFileSchema } from "./study.js";
import { withStudyKeys } from "./studyKeys.js";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a person may write, so keys with defaults are optional. */
export function recipeJsonSchema(): JsonSchema {
  // draft-07 is what VS Code's JSON language service knows best.
  const schema = { title: "LongRecipe recipe", ...z.toJSONSchema(recipeSchema, { io: "input", target: "draft-7" }) };
  return withStudyKeys(schema, schema, schema.properties?.["study"]);
}

/** For the editor: files that hold a study of a recipe. */
export function studyJsonSchema(): JsonSchema {
  const recipe = z.toJSONSchema(recipeSchema, { io: "input", target: "draft-7" });
  const schema = { title: "LongRecipe study", ...z.toJSONSchema(studyFileSchema, { io: "input", target: "draft-7" }) };
  return withStudyKeys(schema, recipe, schema);
}

/** For the worker. */
export function jobJsonSchema(): JsonSchema {
  return { title: "LongRecipe worker job", ...z.toJSONSchema(jobSchema, { io: "input" }) };
}

/** Committed schema files by their path from the repository's root. */
export function schemaFiles(): Readonly<Record<string, JsonSchema>> {
  return {
    "schemas/recipe.schema.json": recipeJsonSchema(),
    "schemas/study.schema.json": studyJsonSchema(),
    "schemas/recipe.editor.schema.json": editorSchema(recipeJsonSchema()),
    "native-bin/worker/src/longrecipe_worker/job.schema.json": jobJsonSchema(),
  };
}
