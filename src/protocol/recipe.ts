/**
 * The recipe: everything a person decides about one context extension.
 *
 * This schema is the single source of the static types, of the checks at the borders and, through
 * `longrecipe schema`, of completion, hover and validation of `*.longrecipe.json` in the editor.
 * Defaults are the paper's (arXiv 2409.00509) unless a description says otherwise.
 */
import * as z from "zod";
import { nameSchema } from "./name.js";
import { studySchema } from "./study.js";
import { corpusSchema, deduplicationSchema } from "./recipe/corpus.js";
import { ropeSchema } from "./recipe/rope.js";
import { replaySchema, trainingSchema } from "./recipe/training.js";
import { positionsSchema, selectionSchema, significanceSchema } from "./recipe/method.js";
import { evaluationSchema } from "./recipe/evaluation.js";
import { exportSchema, mergeSchema } from "./recipe/merge.js";
import { positiveInt } from "./recipe/numbers.js";

export * from "./recipe/corpus.js";
export * from "./recipe/rope.js";
export * from "./recipe/training.js";
export * from "./recipe/method.js";
export * from "./recipe/evaluation.js";
export * from "./recipe/merge.js";

/** Positions and their coverage are counted one by one: a slip of some zeros would take all memory. */
const longestTarget = 1 << 24;

export const recipeSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: nameSchema.optional().describe("Name of the run. Left out: the recipe file's name."),
    model: z.string().min(1).describe("Folder (relative to the recipe file) or hub id of the model to extend."),
    targetLength: positiveInt.max(longestTarget).describe("T: the context window to reach, in tokens."),
    trainedLength: positiveInt.optional().describe("L: tokens in a training sample. Left out: 0.3 T, as in the paper."),
    corpus: corpusSchema,
    deduplication: deduplicationSchema.prefault({}),
    significance: significanceSchema.prefault({}),
    selection: selectionSchema.prefault({}),
    positions: positionsSchema.prefault({}),
    rope: ropeSchema.prefault({}),
    training: trainingSchema.prefault({}),
    replay: replaySchema.prefault({}),
    merge: mergeSchema.prefault({}),
    evaluation: evaluationSchema.prefault({}),
    export: exportSchema.prefault({}),
    device: z.enum(["auto", "cuda", "mps", "xpu", "cpu"]).default("auto").describe("Where the worker computes."),
    seed: z.int().nonnegative().default(42).describe("Seed of everything random."),
    output: z.string().min(1).optional().describe("Folder for runs, relative to the recipe file. Left out: `.longrecipe/runs` beside it."),
    study: studySchema.optional(),
  })
  .describe("A LongRecipe: how to extend the context window of a model.");

/** A checked recipe with every default filled in; paths still relative to the recipe file. */
export type Recipe = z.infer<typeof recipeSchema>;
/** A recipe as people write it. */
export type RecipeInput = z.input<typeof recipeSchema>;

/** L: the trained length in tokens. The paper trains on about 30 % of the target length. */
export function trainedLength(recipe: Pick<Recipe, "targetLength" | "trainedLength">): number {
  return recipe.trainedLength ?? Math.round(0.3 * recipe.targetLength);
}
