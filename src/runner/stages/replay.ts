/** Stage 6: replay of general data at plain positions. */
import { join } from "node:path";
import type { Stage } from "../stage.js";
import { modelFolder } from "./files.js";
import { train, trainingInputs } from "./training.js";

export const replayStage: Stage = {
  name: "replay",
  skip: ({ recipe }) => {
    if (!recipe.replay.enabled) return "replay.enabled is false";
    return recipe.replay.corpus ? null : "the recipe has no replay.corpus";
  },
  // The model it starts from is the stage before.
  inputs: ({ recipe }) => Promise.resolve({ training: trainingInputs(recipe, recipe.replay) }),
  async run(context) {
    const { recipe, directory } = context;
    const model = { path: join(context.outputOf("extend"), modelFolder) };
    const { summary } = await train(context, "replay", model);
    context.emit({ kind: "result", name: "replayed", path: join(directory, modelFolder) });
    return `${String(summary.steps)} steps of ${String(recipe.replay.batchSize)} samples`;
  },
};
