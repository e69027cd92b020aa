/** Which models an evaluation compares. */
import { basename, join } from "node:path";
import type { Recipe } from "../../../protocol/recipe.js";
import type { Inspection } from "../../../protocol/tables.js";
import { ropeParameters } from "../../../recipe/rope.js";
import type { StageContext } from "../../stage.js";
import { modelFolder } from "../files.js";
import { blendedModel } from "../merge.js";
import type { ServedModel } from "./askServed.js";
import type { TaskTokenizer } from "./benchmark.js";
import type { EvaluatedModel } from "./cache.js";

/** The tokenizer of an inspected model. */
export function tokenizerOf({ path, promptPrefix, chatTemplate }: Inspection): TaskTokenizer {
  return { model: path, promptPrefix, chatTemplate };
}

/** The models that the worker loads: those of the run, then the further ones. */
export function evaluatedModels(context: StageContext): EvaluatedModel[] {
  return [...(context.recipe.evaluation.ownModels ? ownModels(context) : []), ...furtherModels(context)];
}

/** Models behind servers. */
export function servedModels({ evaluation }: Recipe): ServedModel[] {
  return evaluation.models.flatMap(({ name, server }) => (server === undefined ? [] : [{ name, server }]));
}

/** The models there are: a recipe may leave stages out. `extended` is what goes into the merge: after replay, if any. */
function ownModels(context: StageContext): EvaluatedModel[] {
  const { recipe, models } = context;
  const path = models.base.path;
  const identity = identityOf(context, models.base);
  // A model that is evaluated alone is nobody's base, and nobody asks what happens beyond its window.
  if (context.wasSkipped("prepare")) return [{ name: basename(path), model: { path }, identity, window: models.base.window }];
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

/** Everything that a model's answers depend on besides the question. */
function identityOf({ recipe }: StageContext, { contentHash }: Inspection): { content: string; device: string; precision: string } {
  return { content: contentHash, device: recipe.device, precision: recipe.training.precision };
}

function furtherModels(context: StageContext): EvaluatedModel[] {
  const { base, further } = context.models;
  return [...(further ?? [])].map(([name, found]) => {
    const otherTokens = found.tokenizerHash !== base.tokenizerHash;
    return {
      name,
      model: { path: found.path },
      identity: identityOf(context, found),
      window: found.window,
      ...(otherTokens || !sameSurroundings(found, base) ? { tokenizer: tokenizerOf(found), otherTokens } : {}),
    };
  });
}

/** Whether two tokenizers put the same around a prompt. */
function sameSurroundings(one: Inspection, other: Inspection): boolean {
  const around = ({ promptPrefix, chatTemplate }: Inspection): string => JSON.stringify([promptPrefix ?? [], chatTemplate ?? null]);
  return around(one) === around(other);
}

/** Further values of alpha, ascending; the one that was merged has its checkpoint. */
function sweptAlphas({ merge }: Recipe): number[] {
  return [...new Set(merge.sweep)].filter((alpha) => alpha !== merge.alpha).sort((a, b) => a - b);
}
