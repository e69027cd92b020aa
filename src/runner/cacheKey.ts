/** Cache keys: a stage's output is known by the hash of everything it was made from. */
import { createHash } from "node:crypto";
import type { StageName } from "../protocol/stages.js";

/** Raised by hand when a stage's output would differ for the same inputs; outputs of older versions are not used again. */
export const stageVersion = 1;

/** One skipped stage or the key of a done one. */
export type EarlierKey = string | null;

/** JSON with the keys of every object sorted, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** sha256 of the canonical JSON, in hexadecimal. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/**
 * The cache key of a stage.
 * @param inputs what the stage says its output depends on; must be JSON.
 * @param earlier keys of the stages before it, in order; null for one that was skipped.
 */
export function stageKey(stage: StageName, inputs: unknown, earlier: readonly EarlierKey[]): string {
  return hashOf({ stage, version: stageVersion, inputs, earlier });
}
