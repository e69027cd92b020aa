/** Stage 8: base, rotary scaling alone, extended and merged model side by side, and the report. */
import { basename, dirname, join } from "node:path";
import { diagnoseResults } from "../../evaluation/diagnoses.js";
import { summarize } from "../../evaluation/summary.js";
import { headline } from "../../evaluation/verdict.js";
import type { Diagnosis } from "../../protocol/events.js";
import { stageNames } from "../../protocol/stages.js";
import { ropeParameters } from "../../recipe/rope.js";
import type { Recipe } from "../../protocol/recipe.js";
import { readDiagnoses } from "../diagnoses.js";
import type { Stage, StageContext } from "../stage.js";
import { corpusInputs } from "./corpusFiles.js";
import type { EvaluatedModel } from "./evaluation/cache.js";
import { evaluationCorpora } from "./evaluation/corpora.js";
import { evaluateModels } from "./evaluation/evaluateModels.js";
import { evaluationFiles, modelFolder } from "./files.js";
import { blendedModel } from "./merge.js";
import { writeReports } from "./reports.js";

export const evaluateStage: Stage = {
  name: "evaluate",
  skip({ recipe }) {
    const { needle, perplexity } = recipe.evaluation;
    return needle.enabled || perplexity.enabled ? null : "the recipe evaluates nothing";
  },
  async inputs(context) {
    const { recipe, recipeDirectory, models } = context;
    const { needle, perplexity } = recipe.evaluation;
    const corpora = evaluationCorpora(recipe);
    return {
      evaluation: recipe.evaluation,
      seed: recipe.seed,
      targetLength: recipe.targetLength,
      // Only where there is one: evaluations of before keep their keys.
      ...(recipe.merge.sweep.length === 0 ? {} : { sweep: recipe.merge.sweep }),
      rope: recipe.rope,
      base: models.base.contentHash,
      haystack: needle.enabled ? await corpusInputs(corpora.haystack.corpus, recipeDirectory) : null,
      perplexity: perplexity.enabled ? await corpusInputs(corpora.perplexity.corpus, recipeDirectory) : null,
    };
  },
  async run(context) {
    const { recipe, models, directory } = context;
    const results = await evaluateModels(context, {
      run: recipe.name ?? basename(dirname(dirname(directory))),
      models: evaluatedModels(context),
      tokenizer: { model: models.base.path, promptPrefix: models.base.promptPrefix, chatTemplate: models.base.chatTemplate },
      window: models.base.window,
      targetLength: recipe.targetLength,
      evaluation: recipe.evaluation,
      corpus: recipe.corpus,
      seed: recipe.seed,
      // Beside the runs of this folder: RUNS/RUN/stages/08-evaluate.
      cache: join(dirname(dirname(dirname(directory))), ".evaluated"),
    });
    const trained = (["extend", "replay"] as const).filter((stage) => !context.wasSkipped(stage));
    const found = diagnoseResults(results);
    for (const diagnosis of found) context.emit(diagnosis);
    await writeReports(directory, results, {
      model: models.base.model,
      stages: trained.map((stage) => ({ stage, directory: context.outputOf(stage) })),
      diagnoses: [...(await earlierDiagnoses(context)), ...found],
      recipe,
      window: models.base.window,
      samples: context.wasSkipped("samples") ? null : context.outputOf("samples"),
      prepare: context.wasSkipped("prepare") ? null : context.outputOf("prepare"),
      merged: context.wasSkipped("merge") ? null : join(context.outputOf("merge"), modelFolder),
    });
    context.emit({ kind: "result", name: "results", path: join(directory, evaluationFiles.results) });
    context.emit({ kind: "result", name: "report", path: join(directory, evaluationFiles.html) });
    return headline(summarize(results));
  },
};

/** What the stages before said of themselves. */
async function earlierDiagnoses(context: StageContext): Promise<Diagnosis[]> {
  const told: Diagnosis[] = [];
  for (const stage of stageNames.slice(0, stageNames.indexOf("evaluate"))) {
    if (!context.wasSkipped(stage)) told.push(...(await readDiagnoses(context.outputOf(stage))));
  }
  return told;
}

/** The models there are: a recipe may leave stages out. `extended` is what goes into the merge: after replay, if any. */
function evaluatedModels(context: StageContext): EvaluatedModel[] {
  const { recipe, models } = context;
  const path = models.base.path;
  const identity = { content: models.base.contentHash, device: recipe.device, precision: recipe.training.precision };
  // A model that is evaluated alone is nobody's base.
  if (context.wasSkipped("prepare")) return [{ name: basename(path), model: { path }, identity }];
  const found: EvaluatedModel[] = [{ name: "base", model: { path }, identity }];
  if (recipe.evaluation.ropeOnly && (recipe.rope.type !== "none" || recipe.rope.theta !== undefined)) {
    const rope = ropeParameters(recipe.rope, models.base, recipe.targetLength);
    found.push({ name: "rope", model: { path, rope }, identity: { ...identity, rope } });
  }
  const last = (["replay", "extend"] as const).find((stage) => !context.wasSkipped(stage));
  if (last !== undefined) found.push({ name: "extended", model: { path: join(context.outputOf(last), modelFolder) } });
  if (!context.wasSkipped("merge")) found.push({ name: "merged", model: { path: join(context.outputOf("merge"), modelFolder) } });
  if (!context.wasSkipped("merge") && last !== undefined) {
    const extended = join(context.outputOf(last), modelFolder);
    for (const alpha of sweptAlphas(recipe)) {
      found.push({ name: `merged@${String(alpha)}`, model: blendedModel(recipe, path, extended, alpha) });
    }
  }
  return found;
}

/** Further values of alpha, ascending; the one that was merged has its checkpoint. */
function sweptAlphas({ merge }: Recipe): number[] {
  return [...new Set(merge.sweep)].filter((alpha) => alpha !== merge.alpha).sort((a, b) => a - b);
}
