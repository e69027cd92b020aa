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
  return { title: "LongRecipe recipe", ...z.toJSONSchema(recipeSchema, { io: "input", target: "draft-7" }) };
}

/** For the editor: completion and hover, also of the keys that a study changes. */
export function recipeEditorSchema(): JsonSchema {
  const schema = editorSchema(recipeJsonSchema());
  return withStudyKeys(schema, schema, schema.properties?.["study"], false);
}

/** For the editor: files that hold a study of a recipe. */
export function studyJsonSchema(): JsonSchema {
  const schema = { title: "LongRecipe study", ...z.toJSONSchema(studyFileSchema, { io: "input", target: "draft-7" }) };
  return withStudyKeys(schema, recipeJsonSchema(), schema, true);
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
    "schemas/recipe.editor.schema.json": recipeEditorSchema(),
    "native-bin/worker/src/longrecipe_worker/job.schema.json": jobJsonSchema(),
  };
}
