/** Stage 5: position-skipping training with rotary scaling. */
import { join } from "node:path";
import type { Diagnosis } from "../../protocol/events.js";
import { diagnoseSkips, fewestProbes } from "../../recipe/diagnosis/skips.js";
import { measurementLost, unmeasured } from "../../recipe/diagnosis/unmeasured.js";
import { ropeParameters } from "../../recipe/rope.js";
import type { Stage } from "../stage.js";
import { modelFolder } from "./files.js";
import { train, trainingInputs, type Trained } from "./training.js";

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
    const trained = await train(context, "extend", model);
    const diagnosis = recipe.positions.strategy === "full" ? null : skipsDiagnosis(trained);
    if (diagnosis !== null) context.emit(diagnosis);
    context.emit({ kind: "result", name: "extended", path: join(directory, modelFolder) });
    return `${String(trained.summary.steps)} steps of ${String(recipe.training.batchSize)} samples, ${recipe.training.method}`;
  },
};

function skipsDiagnosis({ summary, watch, missing }: Trained): Diagnosis | null {
  const question = "whether skipped positions break the dependency between neighbours";
  if (missing !== null) return unmeasured(question, missing);
  const [before, after] = [watch.measurements.get(0), watch.measurements.get(summary.steps)];
  if (before === undefined || after === undefined) return unmeasured(question, measurementLost);
  const [probed = [], again = []] = [before.probe, after.probe];
  return Math.min(probed.length, again.length) < fewestProbes ? unmeasured(question, tooFewProbes) : diagnoseSkips(probed, again);
}

const tooFewProbes = {
  cause: `Held-out text gives fewer than ${fewestProbes} samples of trainedLength tokens to measure with: its documents are shorter, or too few.`,
  setting: "evaluation.perplexity.corpus (longer documents, or more).",
};
