/** Checks the one message that the view gets. */
import type { ThresholdState } from "../../src/protocol/thresholdView.js";

/** The state in `data`, or null where it is none. */
export function readThreshold(data: unknown): ThresholdState | null {
  if (typeof data !== "object" || data === null) return null;
  const state = data as Partial<Record<keyof ThresholdState, unknown>>;
  const numbers = [state.share, state.least, state.most].every((value) => typeof value === "number");
  const texts = [state.status, state.source].every((value) => typeof value === "string");
  const fits = state.type === "state" && numbers && texts && Array.isArray(state.thresholds);
  return fits ? (data as ThresholdState) : null;
}
