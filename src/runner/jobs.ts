/** Completes the jobs that stages ask for, and runs them in the stage's folder. */
import { join } from "node:path";
import process from "node:process";
import type { EventPayload } from "../protocol/events.js";
import { jobSchema, type Job } from "../protocol/jobs.js";
import type { Recipe } from "../protocol/recipe.js";
import type { StageName } from "../protocol/stages.js";
import { hashOf } from "./cacheKey.js";
import type { RunPaths } from "./runDirectory.js";
import type { JobRequest } from "./stage.js";
import { runWorker, type WorkerProgram } from "./worker.js";
import type { SeenEvents, TranslateEvent } from "./workerEvents.js";

export interface JobRunnerOptions {
  readonly program: WorkerProgram;
  readonly paths: RunPaths;
  readonly recipe: Recipe;
  readonly seen: SeenEvents;
  readonly abort: AbortSignal;
  emit(event: EventPayload, stage: StageName, time: number): void;
}

/** @returns the pipeline's `runJob`: one worker process for each call. */
export function jobRunner(
  options: JobRunnerOptions,
): (stage: StageName, directory: string, request: JobRequest, translate?: TranslateEvent) => Promise<void> {
  return async (stage, directory, request, translate) => {
    // The same work has the same name, so that starting it again goes on in the same files.
    const name = `${request.kind}-${hashOf(relativeTo(options.paths.directory, request)).slice(0, 8)}`;
    const job = completeJob(options, request, join(directory, `${name}.events.jsonl`));
    await runWorker(options.program, {
      job,
      jobFile: join(directory, `${name}.job.json`),
      logFile: join(directory, "worker.log"),
      recordFile: options.paths.worker,
      seen: (event, time) => options.seen.has(stage, event, time),
      translate,
      emit: (event, time) => options.emit(event, stage, time),
      abort: options.abort,
    });
  };
}

/** Checked here, where the fault would be ours, rather than by the worker. */
function completeJob({ paths, recipe }: JobRunnerOptions, request: JobRequest, events: string): Job {
  return jobSchema.parse({
    ...request,
    version: 1,
    events,
    control: paths.control,
    device: recipe.device,
    precision: recipe.training.precision,
    seed: recipe.seed,
    parentPid: process.pid,
  });
}

/** Paths inside the run without the run's own path: a run that was moved goes on. */
function relativeTo(directory: string, request: JobRequest): unknown {
  return JSON.parse(JSON.stringify(request, (_key, value: unknown) => (typeof value === "string" ? value.replace(directory, "") : value)));
}
