/** Whether training on skipped positions broke the dependency between neighbours. */
import { logRatioInterval } from "../../evaluation/paired.js";
import type { Diagnosis, Measurement } from "../../protocol/events.js";

export type Probes = NonNullable<Measurement["probe"]>;

/**
 * Plain text may get this much worse, in nats a token, before it is told: 0.1 is a perplexity up by a tenth. Replay and merge take
 * back about half of what an extension costs (measured on the embedded model), so that less than that ends within
 * the few percent that a merge is held to.
 */
const plainTolerance = 0.1;
/** One pair alone has no interval. */
export const fewestProbes = 2;
/** Skips may cost this much after training: text in pieces is harder to predict than text in one, however well a model bridges. */
const skipTolerance = 0.1;

/**
 * Held-out text at plain positions and the same text with skips, before and after the training, sample by sample.
 * Told where the interval of the change lies beyond the tolerance: plain text got worse, or text with skips is still
 * harder than plain text by more than the tolerance and than half of what it was.
 */
export function diagnoseSkips(before: Probes, after: Probes): Diagnosis | null {
  if (before.length < fewestProbes || before.length !== after.length) return null;
  const pairs = after.map((now, at) => ({ now, then: before[at] ?? now, weight: now.tokens }));
  const plain = logRatioInterval(pairs.map(({ now, then, weight }) => ({ difference: (now.plain - then.plain) / weight, weight })));
  const gap = (of: "now" | "then") =>
    logRatioInterval(pairs.map((pair) => ({ difference: (pair[of].skipped - pair[of].plain) / pair.weight, weight: pair.weight })));
  const left = gap("now");
  const damaged = plain.low > plainTolerance;
  const unlearned = left.low > skipTolerance && left.value > gap("then").value / 2;
  if (!damaged && !unlearned) return null;
  const nats = (value: number): string => `${value >= 0 ? "+" : ""}${value.toFixed(2)}`;
  return {
    kind: "diagnosis",
    title: damaged ? "Skipped positions broke the dependency between neighbours" : "Text with skipped positions was not learned",
    evidence:
      `Held-out loss at plain positions changed by ${nats(plain.value)} nats a token (${nats(plain.low)} to ${nats(plain.high)}); ` +
      `skips cost ${nats(gap("then").value)} before the training and ${nats(left.value)} (${nats(left.low)} to ${nats(left.high)}) after it.`,
    cause: damaged
      ? "Segments too short for the model to keep what holds neighbours together, or a learning rate that overwrites it."
      : "Too few steps or too low a learning rate for the new distances, or a rotary scaling that the model cannot follow.",
    setting: damaged
      ? "positions.segmentSentences (longer segments), training.learningRate (lower), replay.corpus and merge.alpha to restore."
      : "training.steps or training.learningRate (more), rope (another scaling).",
  };
}
