/** The validation of a training stage: planned over all training stages of the run, its tables shared between them. */
import { join } from "node:path";
import type { Recipe } from "../../protocol/recipe.js";
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
    trainingFlops: stages.reduce((sum, { flops }) => sum + flops, 0),
  });
}

/**
 * The tables to measure with, or null where the recipe measures nothing or nothing fits. A later stage takes those of
 * `extend`, an interrupted one its own.
 */
export async function trainingValidation(
  context: StageContext,
  stage: "extend" | "replay",
  counts: SampleCounts,
): Promise<ValidationTables | null> {
  const { recipe, models, directory } = context;
  const { enabled, maxShare } = recipe.training.validation;
  if (!enabled) return null;
  const plan = runValidationPlan(recipe, models.base, counts);
  if (plan === null) {
    const message = `No validation while training: one held-out document at each checkpoint would take more than training.validation.maxShare (${maxShare}) of the operations. Whether skips break neighbours or replay drifts is not told then: raise it to know.`;
    context.emit({ kind: "log", level: "info", message });
    return null;
  }
  const own = join(directory, validationFolder);
  const folders = stage === "replay" && !context.wasSkipped("extend") ? [own, join(context.outputOf("extend"), validationFolder)] : [own];
  let tables: ValidationTables | null = null;
  for (const folder of folders) tables ??= await findValidation(folder, recipe, plan);
  tables ??= await buildValidation(context, own, plan);
  return tables.description.documents === 0 ? null : tables;
}
