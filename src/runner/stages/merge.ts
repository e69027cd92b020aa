/** Stage 7: the weights of the base and the trained model, averaged. */
import { join } from "node:path";
import type { Stage } from "../stage.js";
import { modelFolder } from "./files.js";

export const mergeStage: Stage = {
  name: "merge",
  skip: () => null,
  inputs: ({ recipe, models }) => Promise.resolve({ alpha: recipe.merge.alpha, base: models.base.contentHash }),
  async run(context) {
    const { recipe, models, directory } = context;
    const trained = context.wasSkipped("replay") ? "extend" : "replay";
    const output = join(directory, modelFolder);
    await context.runJob({
      kind: "merge",
      base: models.base.path,
      extended: join(context.outputOf(trained), modelFolder),
      alpha: recipe.merge.alpha,
      output,
    });
    context.emit({ kind: "result", name: "merged", path: output });
    return `${String(recipe.merge.alpha)} of the extended model, ${String(1 - recipe.merge.alpha)} of the base`;
  },
};
