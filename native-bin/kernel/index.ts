/** What the kernel exports: the loops over tokens, sentences and draws that samples are made with. */
export {
  firsts,
  ids,
  impactful,
  kept,
  keys,
  layOutSamples,
  lengths,
  parts,
  positions,
  runEnds,
  runFirsts,
  runParts,
  segments,
  sentences,
  skips,
  small,
  starts,
  ties,
  windowIds,
} from "./memory";
export { place } from "./positions";
export { drawn, layOutDraws, setState, stateHalf, subset, units } from "./random";
export { densities, takeRanked } from "./ranking";
export { gather, measure, runs } from "./text";
