/** A window in restricted mode, on a folder with a run that has scored a corpus. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> => runSpecs({ highlightUntrusted: () => import("./specs/highlightUntrusted.js") });
