/** Checks what arrives at the view's border: a page may be older than its host. */
import type { HostToEvaluationView } from "../../src/protocol/evaluationView.js";

/** @returns null for what is no message of the view's. */
export function readState(data: unknown): HostToEvaluationView | null {
  return isState(data) ? data : null;
}

function isState(data: unknown): data is HostToEvaluationView {
  return (
    typeof data === "object" &&
    data !== null &&
    "type" in data &&
    data.type === "state" &&
    "runs" in data &&
    Array.isArray(data.runs) &&
    "activities" in data &&
    Array.isArray(data.activities) &&
    "notices" in data &&
    Array.isArray(data.notices)
  );
}
