/** A window on an empty folder, with a worker: what this machine has, the example, and evaluating a model folder. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> =>
  runSpecs({
    machine: () => import("./specs/machine.js"),
    example: () => import("./specs/example.js"),
    environment: () => import("./specs/environment.js"),
  });
