/** Stage 5: position-skipping training with rotary scaling. */
import { join } from "node:path";
import { diagnoseSkips } from "../../recipe/diagnosis/skips.js";
import { ropeParameters } from "../../recipe/rope.js";
import type { Stage } from "../stage.js";
import { modelFolder } from "./files.js";
import { train, trainingInputs } from "./training.js";

export const extendStage: Stage = {
  name: "extend",
  skip: () => null,
  inputs: ({ recipe, models }) =>
    Promise.resolve({
      model: models.base.contentHash,
      rope: ropeParameters(recipe.rope, models.base, recipe.targetLength),
      training: trainingInputs(recipe, recipe.training),
    }),
  async run(context) {
    const { recipe, models, directory } = context;
    const model = { path: models.base.path, rope: ropeParameters(recipe.rope, models.base, recipe.targetLength) };
    const { summary, watch } = await train(context, "extend", model);
    const diagnosis = diagnoseSkips(watch.measurements.get(0)?.probe ?? [], watch.measurements.get(summary.steps)?.probe ?? []);
    if (diagnosis !== null) context.emit(diagnosis);
    context.emit({ kind: "result", name: "extended", path: join(directory, modelFolder) });
    return `${String(summary.steps)} steps of ${String(recipe.training.batchSize)} samples, ${recipe.training.method}`;
  },
};
