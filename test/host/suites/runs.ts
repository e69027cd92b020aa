/** A window on a folder with runs, reloaded half-way. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> =>
  runSpecs({
    dashboardFiles: () => import("./specs/dashboardFiles.js"),
    // Last: it reloads the window.
    runs: () => import("./specs/runs.js"),
  });
