/** A sample's tokens by position, by character and by significance: what the inspector looks up. */
import { bisectRight } from "../d3.js";
import type { InspectedSample } from "../../src/protocol/sampleInspector.js";

/** Steps of tint; 0 is none. */
export const anchorLevels = 4;

/** Index of the last element that is at most `value`; -1 where there is none. `values` ascend. */
export function lastAtMost(values: Int32Array, value: number): number {
  return bisectRight(values, value) - 1;
}

/** First token after a segment. */
export function segmentEnd({ segments, positions }: Pick<InspectedSample, "segments" | "positions">, segment: number): number {
  return segments[segment + 1] ?? positions.length;
}

/** Positions that are skipped before a segment. */
export function skipBefore({ segments, positions }: Pick<InspectedSample, "segments" | "positions">, segment: number): number {
  const first = segments[segment] ?? 0;
  return first === 0 ? (positions[0] ?? 0) : (positions[first] ?? 0) - (positions[first - 1] ?? 0) - 1;
}

/** The segment that a token belongs to. */
export function segmentOf({ segments }: Pick<InspectedSample, "segments">, token: number): number {
  return Math.max(0, lastAtMost(segments, token));
}

/** The token whose text covers a character; the last one before it where none does. */
export function tokenAt({ starts }: Pick<InspectedSample, "starts">, character: number): number {
  return Math.max(0, lastAtMost(starts, character));
}

/** The token at a position index, or the last one before it; -1 before the first. */
export function tokenAtPosition({ positions }: Pick<InspectedSample, "positions">, position: number): number {
  return lastAtMost(positions, position);
}

/** Tint of each token, by the rank of its significance among the impactful ones: 1 the lowest quarter, 4 the highest; 0 for the rest. */
export function anchorsOf({ score, threshold }: Pick<InspectedSample, "score" | "threshold">): Uint8Array {
  const levels = new Uint8Array(score.length);
  if (threshold === null) return levels;
  const impactful = Array.from(score.keys()).filter((token) => (score[token] ?? NaN) >= threshold);
  impactful.sort((a, b) => (score[a] ?? 0) - (score[b] ?? 0));
  impactful.forEach((token, rank) => (levels[token] = 1 + Math.floor((rank * anchorLevels) / impactful.length)));
  return levels;
}
