/** What a completed run was found to lack: one finding, and one question that could not be answered. */
import type { Diagnosis } from "../../src/protocol/events.js";

export const spreadScores: Diagnosis = {
  kind: "diagnosis",
  title: "Impactful tokens are spread evenly",
  evidence: "Impactful tokens gather in sentences no more than shuffled ones would (intraclass correlation 0.001 against 0.000).",
  cause: "The extended reference hardly differs from the base, so that scores are noise.",
  setting: "significance.reference (another source, or a longer warm-up).",
};

export const unmeasuredSkips: Diagnosis = {
  kind: "diagnosis",
  title: "Not measured: whether skipped positions break the dependency between neighbours",
  evidence: "The run says neither that this is well nor that it is not.",
  cause: "Held-out text gives fewer than 3 samples of trainedLength tokens to measure with: its documents are shorter, or too few.",
  setting: "evaluation.perplexity.corpus (longer documents, or more).",
  measured: false,
};
