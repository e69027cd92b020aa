/** Stage 9: base and extended model as ONNX, for scoring in the editor. */
import { join } from "node:path";
import type { ModelSpec } from "../../protocol/jobs.js";
import type { Recipe } from "../../protocol/recipe.js";
import { scoringWindow, truncatedView, type View } from "../../recipe/significance.js";
import { ropeParameters } from "../../recipe/rope.js";
import type { Stage, StageContext } from "../stage.js";
import { modelFolder, pairFolder, prepareFiles, warmupFolder } from "./files.js";

interface Exported {
  readonly model: ModelSpec;
  readonly view: View;
}

export const exportStage: Stage = {
  name: "export",
  skip(context) {
    if (!context.recipe.export.enabled) return "the recipe does not ask for it";
    return context.wasSkipped("prepare") ? "a model alone is evaluated" : null;
  },
  inputs({ recipe, models }) {
    const { significance, rope, targetLength } = recipe;
    const { format, extended } = recipe.export;
    return Promise.resolve({
      format,
      extended,
      title: recipe.name ?? null,
      views: views(recipe, models.base.window),
      measure: significance.measure,
      reference: extended === "reference" ? { rope, targetLength, content: models.reference?.contentHash ?? null } : null,
      base: models.base.contentHash,
    });
  },
  async run(context) {
    const { recipe, models, directory } = context;
    const output = join(directory, pairFolder);
    const view = views(recipe, models.base.window);
    const base: Exported = { model: { path: models.base.path }, view: view.base };
    const extended: Exported = { model: extendedModel(context), view: view.extended };
    await context.runJob({
      kind: "export",
      title: recipe.name ?? models.base.model,
      models: [
        { name: "base", model: base.model, ...base.view },
        { name: "extended", model: extended.model, ...extended.view },
      ],
      format: recipe.export.format,
      measure: recipe.significance.measure,
      tokens: join(context.outputOf("prepare"), prepareFiles.tokens),
      output,
    });
    context.emit({ kind: "result", name: "scorer", path: output });
    return `base and ${recipe.export.extended} model as ONNX (${recipe.export.format})`;
  },
};

/** What each token sees under both models: as in the significance stage, so that scores in the editor are the run's. */
function views(recipe: Recipe, window: number): { base: View; extended: View } {
  const tokens = scoringWindow(recipe, window);
  const plain = { window: tokens, minContext: Math.min(recipe.significance.minContext ?? Math.floor(tokens / 2), tokens - 1) };
  const { reference } = recipe.significance;
  const contrasted = recipe.export.extended === "reference" && reference.source === "contrast";
  return { base: contrasted ? truncatedView(plain, reference.context, reference.stride) : plain, extended: plain };
}

function extendedModel(context: StageContext): ModelSpec {
  const { recipe, models } = context;
  const path = models.base.path;
  if (recipe.export.extended === "merged") return { path: join(context.outputOf("merge"), modelFolder) };
  if (recipe.export.extended === "trained") {
    return { path: join(context.outputOf(context.wasSkipped("replay") ? "extend" : "replay"), modelFolder) };
  }
  const { reference } = recipe.significance;
  switch (reference.source) {
    case "rope":
      return { path, rope: ropeParameters(recipe.rope, models.base, recipe.targetLength) };
    case "checkpoint":
      return { path: models.reference?.path ?? reference.model };
    case "warmup":
      return { path: join(context.outputOf("significance"), warmupFolder, modelFolder) };
    case "contrast":
      return { path };
  }
}
