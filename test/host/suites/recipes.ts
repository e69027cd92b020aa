/** A window on a folder with a model, a corpus and recipes, good and bad. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> =>
  runSpecs({
    recipes: () => import("./specs/recipes.js"),
    guided: () => import("./specs/guided.js"),
  });
