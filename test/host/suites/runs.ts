/** A window on a folder with runs, reloaded half-way. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> => runSpecs({ runs: () => import("./specs/runs.js") });
