/** `npm run siblings`: pretrains small models of other families for examples/studies/architectures.longstudy.json. */
import { makeSiblings } from "./makeSiblings.js";

void makeSiblings();
