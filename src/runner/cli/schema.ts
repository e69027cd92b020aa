/** `longrecipe schema [recipe|job]`: the JSON Schemas of the files that people and programs write. */
import { exitCode, UserError } from "../../protocol/errors.js";
import { jobJsonSchema, recipeJsonSchema } from "../../protocol/jsonSchemas.js";

export function schema(which?: string): void {
  console.log(JSON.stringify(chosen(which), null, 2));
}

function chosen(which: string | undefined): unknown {
  switch (which) {
    case undefined:
      return { recipe: recipeJsonSchema(), job: jobJsonSchema() };
    case "recipe":
      return recipeJsonSchema();
    case "job":
      return jobJsonSchema();
    default:
      throw new UserError("no-such-schema", `There is no schema ${which}.`, "Ask for `recipe` or `job`.", exitCode.badInput);
  }
}
