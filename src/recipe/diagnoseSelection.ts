/** Whether significance says something about the text, or only about the position. */
import type { EventPayload } from "../protocol/events.js";
import { percent } from "../protocol/percent.js";

/** Tokens, and impactful ones among them, at positions below the original window and from it on. */
export interface PositionCounts {
  inside: number;
  impactfulInside: number;
  beyond: number;
  impactfulBeyond: number;
}

/** Adds one document's scores. */
export function countByPosition(counts: PositionCounts, scores: Float32Array, threshold: number, window: number): void {
  for (let token = 0; token < scores.length; token++) {
    const value = scores[token] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const hit = value >= threshold ? 1 : 0;
    if (token < window) {
      counts.inside++;
      counts.impactfulInside += hit;
    } else {
      counts.beyond++;
      counts.impactfulBeyond += hit;
    }
  }
}

/** How many times more often a token beyond the window may be impactful before the selection is called one of positions. */
const suspicious = 3;

/**
 * A base that falls apart beyond its window makes every token there look significant. Told where impactful tokens are
 * more than three times as frequent beyond W as inside it; null otherwise.
 */
export function diagnoseSelection(counts: PositionCounts, window: number): Extract<EventPayload, { kind: "diagnosis" }> | null {
  const { inside, beyond, impactfulInside, impactfulBeyond } = counts;
  if (inside === 0 || beyond === 0 || impactfulBeyond / beyond <= (suspicious * impactfulInside) / inside) return null;
  const share = (part: number, whole: number): string => percent(part / whole, { digits: 1 });
  return {
    kind: "diagnosis",
    title: "Significance follows the position more than the text",
    evidence: `${share(impactfulInside, inside)} of the tokens below position ${window} are impactful, ${share(impactfulBeyond, beyond)} of those from it on.`,
    cause: "The base model fails beyond its window, so any reference gains on every token there.",
    setting: "significance.reference: `contrast` compares inside the window; or set significance.window to the model's window.",
  };
}
