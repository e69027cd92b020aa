/** The packaged extension in a clean host: from the palette to a merged checkpoint, with a reload on the way, and what follows. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> =>
  runSpecs({
    endToEnd: () => import("./specs/endToEnd.js"),
    completedRun: () => import("./specs/completedRun.js"),
  });
