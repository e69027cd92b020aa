/** A window on a folder with a real model, recipes and runs: the recipe form, the evaluation view, tasks. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> =>
  runSpecs({
    form: () => import("./specs/form.js"),
    evaluation: () => import("./specs/evaluation.js"),
    pictures: () => import("./specs/pictures.js"),
    tasks: () => import("./specs/tasks.js"),
  });
