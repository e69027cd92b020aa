/** What the form's page may say; checked, since it ends up in a file of the person's. */
import * as z from "zod";
import type { FormValue, RecipeFormToHost } from "../protocol/recipeForm.js";

const path = z.array(z.union([z.string().min(1).max(200), z.int().nonnegative()])).max(20);
const value = z.json() as z.ZodType<FormValue>;

export const recipeFormMessages = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready") }),
  z.strictObject({ type: z.literal("set"), path: path.min(1), value }),
  z.strictObject({ type: z.literal("remove"), path: path.min(1) }),
  z.strictObject({ type: z.literal("openText"), path }),
  z.strictObject({ type: z.literal("run") }),
]) satisfies z.ZodType<RecipeFormToHost>;
