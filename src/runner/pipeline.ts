/** The pipeline: stages in order, each taken from the cache, gone on with, or begun. */
import { isAbsolute, join, relative } from "node:path";
import type { Diagnosis, EventPayload } from "../protocol/events.js";
import { exitCode, UserError } from "../protocol/errors.js";
import type { Recipe } from "../protocol/recipe.js";
import { stageFolder, type StageName } from "../protocol/stages.js";
import { stageKey, type EarlierKey } from "./cacheKey.js";
import { exclusive } from "./exclusive.js";
import { readDiagnoses, writeDiagnoses } from "./diagnoses.js";
import type { RunPaths } from "./runDirectory.js";
import { Interrupted, type JobRequest, type ModelFacts, type Stage, type StageContext } from "./stage.js";
import { adoptStage, finishedStage, prepareStage, writeManifest, type StageManifest } from "./stageStore.js";
import type { TranslateEvent } from "./workerEvents.js";

export interface PipelineOptions {
  readonly stages: readonly Stage[];
  readonly paths: RunPaths;
  readonly recipe: Recipe;
  readonly recipeDirectory: string;
  readonly models: ModelFacts;
  /** Stages to do; the others count as skipped. Left out: all. */
  readonly only?: ReadonlySet<StageName> | undefined;
  /** Stages that must be done already: they are taken as they are, never done anew. */
  readonly reuse?: ReadonlySet<StageName> | undefined;
  emit(event: EventPayload, stage: StageName | null): void;
  runJob(stage: StageName, directory: string, request: JobRequest, translate?: TranslateEvent): Promise<void>;
  /** What the person asked for, if anything. */
  interrupt(): "pause" | "stop" | null;
}

/**
 * Does every stage that is not done yet.
 * @throws Interrupted when pause or stop was asked for; otherwise what the failing stage threw.
 */
export async function runPipeline(options: PipelineOptions): Promise<void> {
  const keys: EarlierKey[] = [];
  const skipped = new Set<StageName>();
  for (const stage of options.stages) {
    throwIfInterrupted(options);
    const context = stageContext(options, stage.name, skipped);
    const reason = options.only && !options.only.has(stage.name) ? "not asked for" : stage.skip(context);
    if (reason !== null) {
      skipped.add(stage.name);
      keys.push(null);
      context.emit({ kind: "stage", status: "skipped", detail: reason });
      continue;
    }
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      const key = stageKey(stage.name, await stage.inputs(context), keys);
      keys.push(key);
      // Runs of a study that share a stage do it once.
      await exclusive(key, async () => {
        const isWhole = (folder: string): Promise<boolean> => stage.isWhole?.(folder) ?? Promise.resolve(true);
        const finished = await finishedStage(options.paths, stage.name, key);
        // What has to be taken as it is need not be whole.
        const usable = finished !== null && (options.reuse?.has(stage.name) || (await isWhole(context.directory)));
        const done = usable ? finished : await adoptStage(options.paths, stage.name, key, isWhole);
        if (done) await announceCached(context, done);
        else if (options.reuse?.has(stage.name)) throw notDone(options.paths.directory, stage.name);
        else await runStage(options, stage, context, key, seconds);
      });
    } catch (error) {
      if (!(error instanceof Interrupted)) context.emit({ kind: "stage", status: "failed", seconds: seconds() });
      throw error;
    }
  }
}

/** What the keys of a recipe's stages depend on. */
export type KeyOptions = Pick<PipelineOptions, "stages" | "paths" | "recipe" | "recipeDirectory" | "models" | "only">;

/** The keys that the stages of a run will have, before anything of it is done; null for those it skips. */
export async function plannedKeys(options: KeyOptions): Promise<Map<StageName, EarlierKey>> {
  const keys = new Map<StageName, EarlierKey>();
  const skipped = new Set<StageName>();
  const idle = { ...options, emit: () => undefined, runJob: () => Promise.reject(new Error("keys need no job")), interrupt: () => null };
  for (const stage of options.stages) {
    const context = stageContext(idle, stage.name, skipped);
    const skips = (options.only !== undefined && !options.only.has(stage.name)) || stage.skip(context) !== null;
    if (skips) skipped.add(stage.name);
    keys.set(stage.name, skips ? null : stageKey(stage.name, await stage.inputs(context), [...keys.values()]));
  }
  return keys;
}

async function runStage(options: PipelineOptions, stage: Stage, context: StageContext, key: string, seconds: () => number): Promise<void> {
  await prepareStage(options.paths, stage.name, key);
  const results: { name: string; path: string }[] = [];
  const diagnoses: Diagnosis[] = [];
  const emit = (event: EventPayload): void => {
    if (event.kind === "diagnosis") diagnoses.push(event);
    if (event.kind === "result") results.push({ name: event.name, path: withinStage(context.directory, event.path) });
    context.emit(event);
  };
  context.emit({ kind: "stage", status: "started" });
  const detail = await stage.run({ ...context, emit });
  const directory = relative(options.paths.directory, context.directory);
  await writeDiagnoses(context.directory, diagnoses);
  const took = seconds();
  await writeManifest(options.paths, { stage: stage.name, key, directory, seconds: took, detail, results });
  context.emit({ kind: "stage", status: "completed", seconds: took, detail });
}

function notDone(directory: string, stage: StageName): UserError {
  return new UserError(
    "stage-not-done",
    `${directory} has no finished stage \`${stage}\` for this recipe.`,
    "Finish the run first: longrecipe resume RUN.",
    exitCode.badInput,
  );
}

/** A result outside its stage's folder would be lost to every run that takes the stage from the cache. */
function withinStage(directory: string, path: string): string {
  const inside = relative(directory, path);
  if (inside.startsWith("..") || isAbsolute(inside)) throw new Error(`The result ${path} lies outside of ${directory}.`);
  return inside;
}

async function announceCached(context: StageContext, manifest: StageManifest): Promise<void> {
  context.emit({ kind: "stage", status: "cached", seconds: manifest.seconds, detail: manifest.detail });
  for (const { name, path } of manifest.results) context.emit({ kind: "result", name, path: join(context.directory, path) });
  for (const diagnosis of await readDiagnoses(context.directory)) context.emit(diagnosis);
}

function stageContext(options: PipelineOptions, stage: StageName, skipped: ReadonlySet<StageName>): StageContext {
  const directory = join(options.paths.stages, stageFolder(stage));
  return {
    recipe: options.recipe,
    recipeDirectory: options.recipeDirectory,
    models: options.models,
    directory,
    outputOf: (earlier) => options.paths.stage(earlier),
    wasSkipped: (earlier) => skipped.has(earlier),
    emit: (event) => options.emit(event, stage),
    runJob: (request, translate) => options.runJob(stage, directory, request, translate),
    checkpoint: () => throwIfInterrupted(options),
  };
}

function throwIfInterrupted(options: PipelineOptions): void {
  const request = options.interrupt();
  if (request) throw new Interrupted(request);
}
