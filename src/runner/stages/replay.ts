/** Stage 6: replay of general data at plain positions. */
import { join } from "node:path";
import { lossBeside } from "../../evaluation/validation.js";
import type { Diagnosis } from "../../protocol/events.js";
import { diagnoseReplay } from "../../recipe/diagnosis/replay.js";
import type { Stage } from "../stage.js";
import { modelFolder } from "./files.js";
import { train, trainingInputs } from "./training.js";
import type { TrainingWatch } from "./trainingWatch.js";

export const replayStage: Stage = {
  name: "replay",
  skip: ({ recipe }) => {
    if (!recipe.replay.enabled) return "replay.enabled is false";
    return recipe.replay.corpus ? null : "the recipe has no replay.corpus";
  },
  // The model it starts from is the stage before.
  inputs: ({ recipe }) => Promise.resolve({ training: trainingInputs(recipe, recipe.replay) }),
  async run(context) {
    const { recipe, models, directory } = context;
    const model = { path: join(context.outputOf("extend"), modelFolder) };
    const { summary, watch } = await train(context, "replay", model);
    const diagnosis = replayDiagnosis(watch, summary.steps, models.base.window);
    if (diagnosis !== null) context.emit(diagnosis);
    context.emit({ kind: "result", name: "replayed", path: join(directory, modelFolder) });
    return `${String(summary.steps)} steps of ${String(recipe.replay.batchSize)} samples`;
  },
};

/** Nothing is said where nothing was measured. */
function replayDiagnosis(watch: TrainingWatch, steps: number, window: number): Diagnosis | null {
  const heldOut = (step: number): number | null => lossBeside(watch.measurements.get(step)?.bins ?? [], window).inside;
  const firstLoss = watch.losses.get(1);
  const [heldOutBefore, heldOutAfter] = [heldOut(0), heldOut(steps)];
  if (firstLoss === undefined || heldOutBefore === null || heldOutAfter === null) return null;
  return diagnoseReplay({ firstLoss, heldOutBefore, heldOutAfter });
}
