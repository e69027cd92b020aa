/** What stages and states are called on the page. */
import type { StageStatus } from "../src/protocol/runSnapshot.js";
import type { StageName } from "../src/protocol/stages.js";

export const stageLabels: Readonly<Record<StageName, { readonly name: string; readonly does: string }>> = {
  prepare: { name: "Prepare", does: "Tokenize the corpus" },
  significance: { name: "Significance", does: "Score every token" },
  select: { name: "Select", does: "Choose impactful sentences" },
  samples: { name: "Samples", does: "Skip positions up to the target" },
  extend: { name: "Extend", does: "Train on the samples" },
  replay: { name: "Replay", does: "Recover general ability" },
  merge: { name: "Merge", does: "Average base and extended weights" },
  evaluate: { name: "Evaluate", does: "Retrieve needles, measure perplexity" },
  export: { name: "Export", does: "Models for scoring in the editor" },
};

export const stageStatusLabels: Readonly<Record<StageStatus, string>> = {
  waiting: "Waiting",
  running: "Running",
  cached: "Unchanged, taken from an earlier run",
  skipped: "Skipped",
  completed: "Completed",
  failed: "Failed",
};
