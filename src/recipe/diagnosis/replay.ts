/** Whether the replayed data is what the model should be brought back to. */
import type { Diagnosis } from "../../protocol/events.js";
import { percent } from "../../protocol/percent.js";

export interface ReplayFigures {
  /** Loss of the model on its first batch of replay data, before anything was learned from it, in nats a token. */
  readonly firstLoss: number;
  /** Loss on held-out text inside the original window before and after the replay. */
  readonly heldOutBefore: number;
  readonly heldOutAfter: number;
}

/**
 * A whole nat above held-out text is a perplexity 2.7 times as high. Kinds of text that a model knows well differ by less
 * (prose, code and talk lie within about half a nat a token of each other under one model); another language, markup or noise by more.
 */
const farLoss = 1;
/** Replay is there to lower this loss; a rise of a fiftieth of a nat (2 % in perplexity) is the opposite, and beyond its noise. */
const drift = 0.02;

/** Told where replay data is far from what the model knows, or takes it away from held-out text; null otherwise. */
export function diagnoseReplay({ firstLoss, heldOutBefore, heldOutAfter }: ReplayFigures): Diagnosis | null {
  const far = firstLoss - heldOutBefore > farLoss;
  const drifted = heldOutAfter - heldOutBefore > drift;
  if (!far && !drifted) return null;
  const change = percent(Math.exp(heldOutAfter - heldOutBefore) - 1, { digits: 1, signed: true });
  return {
    kind: "diagnosis",
    title: far ? "Replay data is far from what the model knows" : "Replay takes the model away from general text",
    evidence:
      `Perplexity of the extended model on replay data was ${Math.exp(firstLoss).toFixed(1)}, on held-out text inside the window ` +
      `${Math.exp(heldOutBefore).toFixed(1)}; replay changed the latter by ${change}.`,
    cause: far
      ? "The replay corpus is unlike the data that the model was trained on, so that it teaches something new instead of restoring."
      : "The replay corpus differs from general text, or the learning rate is too high to restore anything.",
    setting: "replay.corpus (data near the model's pretraining or instruction data, or a mixture by weight), replay.learningRate (lower).",
  };
}
