/** Stage 7: the weights of the base and the trained model in one. */
import { join } from "node:path";
import type { ModelSpec } from "../../protocol/jobs.js";
import type { MergeSettings, Recipe } from "../../protocol/recipe.js";
import type { JobRequest, Stage } from "../stage.js";
import { modelFolder } from "./files.js";

type MergeFields = Pick<Extract<JobRequest, { kind: "merge" }>, "alpha" | "method" | "layers" | "density">;

/** The fields of a merge job that say how. What has no meaning for a method is left out, and so is no part of a cache key. */
function mergeFields({ method, alpha, layers, density }: MergeSettings): MergeFields {
  return {
    alpha,
    ...(method === "linear" ? {} : { method }),
    ...(layers.length === 0 ? {} : { layers }),
    ...(method === "ties" || method === "dare" ? { density } : {}),
  };
}

/** The model that a merge with another alpha would write, blended in memory. `base` and `extended` are folders. */
export function blendedModel({ merge, seed }: Pick<Recipe, "merge" | "seed">, base: string, extended: string, alpha: number): ModelSpec {
  const random = merge.method === "dare" ? { seed } : {};
  return { path: base, merge: { with: extended, ...mergeFields({ ...merge, alpha }), ...random } };
}

export const mergeStage: Stage = {
  name: "merge",
  skip: () => null,
  inputs: ({ recipe, models }) =>
    Promise.resolve({
      ...mergeFields(recipe.merge),
      ...(recipe.merge.method === "dare" ? { seed: recipe.seed } : {}),
      base: models.base.contentHash,
    }),
  async run(context) {
    const { recipe, models, directory } = context;
    const trained = context.wasSkipped("replay") ? "extend" : "replay";
    const output = join(directory, modelFolder);
    await context.runJob({
      kind: "merge",
      base: models.base.path,
      extended: join(context.outputOf(trained), modelFolder),
      ...mergeFields(recipe.merge),
      output,
    });
    context.emit({ kind: "result", name: "merged", path: output });
    return described(recipe.merge);
  },
};

/** One line for people. */
function described({ method, alpha, layers, density }: MergeSettings): string {
  const other = layers.length === 0 ? "" : `, other shares for ${layers.map((entry) => entry.layers).join(" and ")}`;
  if (method === "ties" || method === "dare") {
    return `${method}: ${String(density)} of the difference's entries, times ${String(alpha)}, on the base${other}`;
  }
  const shares = `${String(alpha)} of the extended model, ${String(Number((1 - alpha).toFixed(6)))} of the base${other}`;
  return method === "linear" ? shares : `${method}: ${shares}`;
}
