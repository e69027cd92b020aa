/** Stage 8: base, rotary scaling alone, extended and merged model and any others side by side, and the report. */
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { diagnoseResults } from "../../evaluation/diagnoses.js";
import { summarize } from "../../evaluation/summary.js";
import { headline } from "../../evaluation/verdict.js";
import type { Diagnosis } from "../../protocol/events.js";
import type { Results } from "../../protocol/results.js";
import { stageNames } from "../../protocol/stages.js";
import { readDiagnoses } from "../diagnoses.js";
import { serverFault } from "../faults.js";
import { exists } from "../runDirectory.js";
import type { Stage, StageContext } from "../stage.js";
import { corpusInputs } from "./corpusFiles.js";
import { abilityInputs } from "./evaluation/abilityTask.js";
import { longBenchInputs } from "./evaluation/longBenchTask.js";
import { evaluationCorpora } from "./evaluation/corpora.js";
import { evaluateModels } from "./evaluation/evaluateModels.js";
import { evaluatedModels, servedModels, tokenizerOf } from "./evaluation/models.js";
import { rulerInputs } from "./evaluation/rulerSources.js";
import { evaluationFiles, modelFolder } from "./files.js";
import { writeReports } from "./reports.js";

export const evaluateStage: Stage = {
  name: "evaluate",
  skip({ recipe }) {
    const { needle, perplexity, ruler, longBench, ability } = recipe.evaluation;
    const anything = needle.enabled || perplexity.enabled || ruler.enabled || ability.enabled || longBench.length > 0;
    return anything ? null : "the recipe evaluates nothing";
  },
  async inputs(context) {
    const { recipe, recipeDirectory, models } = context;
    const { needle, perplexity, ruler, ability } = recipe.evaluation;
    const corpora = evaluationCorpora(recipe);
    const further = [...(models.further ?? [])].map(([name, { contentHash }]) => [name, contentHash]);
    return {
      evaluation: recipe.evaluation,
      seed: recipe.seed,
      targetLength: recipe.targetLength,
      sweep: recipe.merge.sweep,
      rope: recipe.rope,
      base: models.base.contentHash,
      further,
      // Files are read only for what is asked for.
      haystack: needle.enabled || ruler.enabled ? await corpusInputs(corpora.haystack.corpus, recipeDirectory) : null,
      perplexity: perplexity.enabled ? await corpusInputs(corpora.perplexity.corpus, recipeDirectory) : null,
      ruler: ruler.enabled ? await rulerInputs(ruler, recipeDirectory) : null,
      longBench: await longBenchInputs(recipe, recipeDirectory),
      ability: ability.enabled ? await abilityInputs(ability, recipeDirectory) : null,
    };
  },
  async isWhole(directory) {
    return !(await exists(join(directory, evaluationFiles.unanswered)));
  },
  async run(context) {
    const { recipe, models, directory } = context;
    await rm(join(directory, evaluationFiles.unanswered), { force: true });
    const { results, faults } = await evaluateModels(context, {
      run: recipe.name ?? basename(dirname(dirname(directory))),
      models: evaluatedModels(context),
      servers: servedModels(recipe),
      tokenizer: tokenizerOf(models.base),
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
      significance: context.wasSkipped("significance") ? null : context.outputOf("significance"),
      merged: context.wasSkipped("merge") ? null : join(context.outputOf("merge"), modelFolder),
    });
    context.emit({ kind: "result", name: "results", path: join(directory, evaluationFiles.results) });
    context.emit({ kind: "result", name: "report", path: join(directory, evaluationFiles.html) });
    // Everything else is written and stays: when the server is there again, resuming asks it alone.
    const fault = serverFault(faults);
    if (fault !== null) throw fault;
    return stageLine(results);
  },
};

/** One line for people: the needles or perplexities, else what was measured. */
function stageLine(results: Results): string {
  const { rows, abilities = [] } = results;
  if (rows.some(({ task }) => task === "needle" || task === "perplexity")) return headline(summarize(results));
  const models = new Set([...rows, ...abilities].map(({ model }) => model));
  const benchmarks = new Set(rows.map(({ task }) => task.replace(/\/.*$/u, "")));
  const measured = [...benchmarks, ...(abilities.length > 0 ? ["general ability"] : [])].join(", ");
  return models.size === 0 ? "nothing could be measured" : `${measured} of ${[...models].join(", ")}`;
}

/** What the stages before said of themselves. */
async function earlierDiagnoses(context: StageContext): Promise<Diagnosis[]> {
  const told: Diagnosis[] = [];
  for (const stage of stageNames.slice(0, stageNames.indexOf("evaluate"))) {
    if (!context.wasSkipped(stage)) told.push(...(await readDiagnoses(context.outputOf(stage))));
  }
  return told;
}
