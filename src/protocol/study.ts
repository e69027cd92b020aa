/**
 * A study: one recipe run again and again with some of its keys changed, and the runs compared.
 *
 * It stands in a recipe under the key `study`, or in a file of its own (`*.longstudy.json`) that names a recipe.
 */
import * as z from "zod";
import { nameSchema } from "./name.js";
import { stageNames } from "./stages.js";

const label = z.string().min(1);
/** Values by the path of a recipe key, as in `selection.topFraction`. They are checked as part of the recipe they make. */
const changes = z.record(z.string().min(1), z.unknown());

export const studyFields = {
  title: z.string().min(1).optional().describe("Heading of the study's report. Left out: its name."),
  question: z.string().min(1).optional().describe("What the study is to find out; stands at the top of its report."),
  set: changes.default({}).describe("Recipe keys changed for every run of the study."),
  matrix: z
    .record(z.string().min(1), z.array(z.unknown()).min(1))
    .default({})
    .describe("Values to try for recipe keys: every combination is a row of the study. The key `seed` gives the seeds."),
  variants: z
    .record(label, changes)
    .default({})
    .describe("Named groups of recipe keys changed together; each is tried with every combination of the matrix."),
  seeds: z
    .array(z.int().nonnegative())
    .min(1)
    .default([1, 2, 3])
    .describe("Every row is run with each of these seeds; means and intervals are over them."),
  trainingTokens: z
    .int()
    .positive()
    .optional()
    .describe(
      "Equal budget: each run trains (before replay) on this many tokens, whatever its sample length and batch size. Sets training.steps and training.samples.",
    ),
  until: z
    .enum(stageNames)
    .default("evaluate")
    .describe("Last stage of every run. A study that only looks at significance ends with `select`."),
  models: z
    .array(label)
    .min(1)
    .default(["merged"])
    .describe(
      "Which models of each run are rows: `merged`, `extended`, `merged@0.25` of an alpha sweep. `base` and `rope` have rows of their own.",
    ),
  reference: label.optional().describe("Row (or model, such as `merged@0`) against which the differences are told, paired by seed."),
  keepModels: z
    .boolean()
    .default(false)
    .describe("Keep the checkpoints and samples of every run. Otherwise they are removed once no run of the study needs them."),
} as const;

export const studySchema = z
  .strictObject(studyFields)
  .describe("A study: this recipe run with every combination of some changes, and compared.");
export type Study = z.infer<typeof studySchema>;

export const studyFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: nameSchema.optional().describe("Name of the study. Left out: the file's name."),
    recipe: z
      .string()
      .min(1)
      .describe("The recipe it starts from, relative to this file. Paths in changed keys stay relative to the recipe."),
    ...studyFields,
  })
  .describe("A study of a recipe.");
