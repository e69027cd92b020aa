/** Every stage, in order. */
import type { Stage } from "../stage.js";
import { evaluateStage } from "./evaluate.js";
import { exportStage } from "./export.js";
import { extendStage } from "./extend.js";
import { mergeStage } from "./merge.js";
import { prepareStage } from "./prepare.js";
import { replayStage } from "./replay.js";
import { samplesStage } from "./samples.js";
import { selectStage } from "./select.js";
import { significanceStage } from "./significance.js";

export const allStages: readonly Stage[] = [
  prepareStage,
  significanceStage,
  selectStage,
  samplesStage,
  extendStage,
  replayStage,
  mergeStage,
  evaluateStage,
  exportStage,
];
