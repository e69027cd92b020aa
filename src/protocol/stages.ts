/** The stages of a run, in order. A stage is a function from files to files. */
export const stageNames = ["prepare", "significance", "select", "samples", "extend", "replay", "merge", "evaluate", "export"] as const;
export type StageName = (typeof stageNames)[number];

/** Stages that only look at what the others made, and can be done again on a completed run. */
export const followUpStages = ["evaluate", "export"] as const;
export type FollowUpStage = (typeof followUpStages)[number];

/** Folder of a stage inside `stages/`: `01-prepare` ... `09-export`. */
export function stageFolder(stage: StageName): string {
  return `${String(stageNames.indexOf(stage) + 1).padStart(2, "0")}-${stage}`;
}

/** Requests a person may leave in a run's `control/` folder; each is an empty file of that name. */
export const controlRequests = ["pause", "stop", "checkpoint"] as const;
export type ControlRequest = (typeof controlRequests)[number];
