/** What a stage is: a function from files to files, cached by the hash of what it reads. */
import type { EventPayload } from "../protocol/events.js";
import type { Job, JobKind } from "../protocol/jobs.js";
import type { Recipe } from "../protocol/recipe.js";
import type { StageName } from "../protocol/stages.js";
import type { Inspection } from "../protocol/tables.js";
import type { TranslateEvent } from "./workerEvents.js";

/** The fields that the pipeline fills in for every job. */
type CommonJobField = "version" | "events" | "control" | "device" | "precision" | "seed" | "parentPid";
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A job as a stage asks for it. */
export type JobRequest = DistributiveOmit<Extract<Job, { kind: JobKind }>, CommonJobField>;

/** Facts about the models of a recipe, found before anything starts. */
export interface ModelFacts {
  readonly base: Inspection;
  /** The extended reference, where the recipe names a checkpoint. */
  readonly reference: Inspection | null;
  /** Further models of the evaluation that lie on this disk or on the hub, by their names in the recipe. */
  readonly further?: ReadonlyMap<string, Inspection>;
}

export interface StageContext {
  readonly recipe: Recipe;
  /** Folder of the recipe file: relative paths in the recipe start here. */
  readonly recipeDirectory: string;
  readonly models: ModelFacts;
  /** Where this stage writes. May hold the unfinished work of an earlier try, to go on from. */
  readonly directory: string;
  /** Output folder of an earlier, completed stage (it may lie in another run, when cached). */
  outputOf(stage: StageName): string;
  /** Whether an earlier stage was skipped by the recipe. */
  wasSkipped(stage: StageName): boolean;
  /** Adds an event to the run's history. */
  emit(event: EventPayload): void;
  /**
   * Runs one worker process to its end. Throws UserError (its fault told) or Interrupted (pause, stop).
   * @param translate what the run's history says in place of the worker's events; left out: the events as they are
   */
  runJob(job: JobRequest, translate?: TranslateEvent): Promise<void>;
  /** Throws Interrupted when pause or stop was asked for; long loops in TypeScript call it now and then. */
  checkpoint(): void;
}

export interface Stage {
  readonly name: StageName;
  /** Why this recipe does without the stage, or null. */
  skip(context: StageContext): string | null;
  /** Everything the output depends on, as JSON: recipe keys and content hashes, never paths or times. Stages before it are added by the pipeline. */
  inputs(context: StageContext): Promise<unknown>;
  /** Does the work. Starting it again on the same folder goes on where it was. Returns one line for people. */
  run(context: StageContext): Promise<string>;
  /** Whether a finished folder is to be taken from the cache; left out: always. Otherwise the stage runs on it again. */
  isWhole?(directory: string): Promise<boolean>;
}

/** A run that ended on request; not a fault. */
export class Interrupted extends Error {
  constructor(readonly request: "pause" | "stop") {
    super(`ended on request: ${request}`);
    this.name = "Interrupted";
  }
}
