/** Stage 6: replay of general data at plain positions. */
import { join } from "node:path";
import { lossBeside } from "../../evaluation/validation.js";
import type { Diagnosis } from "../../protocol/events.js";
import { diagnoseReplay } from "../../recipe/diagnosis/replay.js";
import { measurementLost, unmeasured } from "../../recipe/diagnosis/unmeasured.js";
import type { Stage } from "../stage.js";
import { modelFolder } from "./files.js";
import { train, trainingInputs, type Trained } from "./training.js";

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
    const trained = await train(context, "replay", model);
    const diagnosis = replayDiagnosis(trained, models.base.window);
    if (diagnosis !== null) context.emit(diagnosis);
    context.emit({ kind: "result", name: "replayed", path: join(directory, modelFolder) });
    return `${String(trained.summary.steps)} steps of ${String(recipe.replay.batchSize)} samples`;
  },
};

function replayDiagnosis({ summary, watch, missing }: Trained, window: number): Diagnosis | null {
  const question = "whether replay stays near to general text";
  if (missing !== null) return unmeasured(question, missing);
  const heldOut = (step: number): number | null => lossBeside(watch.measurements.get(step)?.bins ?? [], window).inside;
  const firstLoss = watch.losses.get(1);
  const [heldOutBefore, heldOutAfter] = [heldOut(0), heldOut(summary.steps)];
  if (firstLoss === undefined || heldOutBefore === null || heldOutAfter === null) return unmeasured(question, measurementLost);
  return diagnoseReplay({ firstLoss, heldOutBefore, heldOutAfter });
}
