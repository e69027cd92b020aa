/** A window in restricted mode. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> => runSpecs({ untrusted: () => import("./specs/untrusted.js") });
