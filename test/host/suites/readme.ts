/** A window on the demo's run, for the picture in the README: `npm run demo && npm run test:host -- readme`. */
import { runSpecs } from "../support/mochaRunner.js";

export const run = (): Promise<void> => runSpecs({ readme: () => import("./specs/readme.js") });
