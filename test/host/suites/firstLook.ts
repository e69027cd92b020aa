/** A window on an empty folder. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> =>
  runSpecs({
    // First: it must be this suite that activates the extension.
    activation: () => import("./specs/activation.js"),
    welcome: () => import("./specs/welcome.js"),
  });
