/** A window with a worker on a folder with runs, a real model and studies: commands on runs and studies. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> =>
  runSpecs({
    studies: () => import("./specs/studies.js"),
    servers: () => import("./specs/servers.js"),
    runCommands: () => import("./specs/runCommands.js"),
  });
