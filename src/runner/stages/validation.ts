/** The validation of a training stage: planned over all training stages of the run, its tables shared between them. */
import { join } from "node:path";
import type { Recipe } from "../../protocol/recipe.js";
import type { Missing } from "../../recipe/diagnosis/unmeasured.js";
import { flopsOf } from "../../recipe/flops.js";
import { measurementCount, planValidation, type ValidationPlan } from "../../recipe/validationPlan.js";
import { trainedLength } from "../../protocol/recipe.js";
import type { ModelFacts, StageContext } from "../stage.js";
import { validationFolder } from "./files.js";
import { replayCorpus } from "./prepare.js";
import { optimizerSteps, workOf, type SampleCounts } from "./trainingPlan.js";
import { buildValidation, findValidation, type ValidationTables } from "./validationFiles.js";

/** Samples of each stage that trains in this recipe. */
function trainings(recipe: Recipe, counts: SampleCounts) {
  const extend = { settings: recipe.training, counts: counts.extend };
  const { replay } = counts;
  return replay === null || replayCorpus(recipe) === null ? [extend] : [extend, { settings: recipe.replay, counts: replay }];
}

/** The tables to measure with, or why there are none. */
export type FoundValidation =
  | { readonly tables: ValidationTables; readonly plan: ValidationPlan; readonly missing: null }
  | { readonly tables: null; readonly plan: null; readonly missing: Missing };

const nothing = (cause: string, setting: string): FoundValidation => ({ tables: null, plan: null, missing: { cause, setting } });

/** What the whole run measures; null where nothing fits into the share that the recipe allows. */
export function runValidationPlan(recipe: Recipe, base: ModelFacts["base"], counts: SampleCounts): ValidationPlan | null {
  const work = workOf(recipe);
  const stages = trainings(recipe, counts).map(({ settings, counts: { samples, tokens } }) => {
    const steps = optimizerSteps(settings, samples);
    const length = tokens / samples;
    return {
      measurements: measurementCount(steps, settings.checkpointEvery),
      flops: flopsOf(base, steps * settings.batchSize * length, length, work),
    };
  });
  return planValidation(recipe.training.validation, {
    model: base,
    window: base.window,
    targetLength: recipe.targetLength,
    trainedLength: trainedLength(recipe),
    needles: recipe.evaluation.needle.enabled,
    skips: recipe.positions.strategy !== "full",
    measurements: stages.reduce((sum, { measurements }) => sum + measurements, 0),
    ends: 2 * stages.length,
    trainingFlops: stages.reduce((sum, { flops }) => sum + flops, 0),
  });
}

/** What is measured in a training stage. A later stage takes the tables of `extend`, an interrupted one its own. */
export async function trainingValidation(
  context: StageContext,
  stage: "extend" | "replay",
  counts: SampleCounts,
): Promise<FoundValidation> {
  const { recipe, models, directory } = context;
  const { enabled, maxShare } = recipe.training.validation;
  if (!enabled) return nothing("Validation while training is switched off.", "training.validation.enabled (true).");
  const plan = runValidationPlan(recipe, models.base, counts);
  if (plan === null) {
    const cause = `So short a training leaves no room: one held-out document before and after it would take more than ${maxShare} of its operations.`;
    return nothing(cause, "training.validation.maxShare (higher), or a longer training.");
  }
  const own = join(directory, validationFolder);
  const folders = stage === "replay" && !context.wasSkipped("extend") ? [own, join(context.outputOf("extend"), validationFolder)] : [own];
  let tables: ValidationTables | null = null;
  for (const folder of folders) tables ??= await findValidation(folder, recipe, plan);
  tables ??= await buildValidation(context, own, plan);
  if (tables.description.documents > 0) return { tables, plan, missing: null };
  return nothing("No held-out document has more than one token.", "evaluation.perplexity.corpus (longer documents).");
}
