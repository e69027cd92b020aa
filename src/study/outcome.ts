/** What a finished run of a study has to tell: read from its stages before they are removed. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Recipe } from "../protocol/recipe.js";
import { resultsSchema } from "../protocol/results.js";
import type { Cost, StudyCell } from "../protocol/studyResults.js";
import type { StageName } from "../protocol/stages.js";
import { CoverageCounter } from "../recipe/coverage.js";
import { flopsOf } from "../recipe/flops.js";
import { workerEventTail } from "../runner/eventTail.js";
import type { RunPaths } from "../runner/runDirectory.js";
import { exists } from "../runner/runDirectory.js";
import type { ModelFacts } from "../runner/stage.js";
import { readManifest } from "../runner/stageStore.js";
import { sampleFiles, selectionFiles } from "../runner/stages/files.js";
import { optimizerSteps } from "../runner/stages/training.js";
import { readRows } from "../runner/tables/reader.js";
import { measuresOf } from "./measures.js";
import { tokenClasses } from "./tokenClasses.js";

export type Outcome = Required<Pick<StudyCell, "window" | "targetLength" | "cost" | "models">> & Pick<StudyCell, "coverage">;

/** Samples from which the distances are counted: their number hardly changes the histogram. */
const countedSamples = 256;

const tableSummary = z.object({ samples: z.number(), tokens: z.number() });
const samplesSummarySchema = z.object({ extend: tableSummary, replay: tableSummary.nullable() });
const selectionSummarySchema = z.object({ scoredTokens: z.number() });

export async function readOutcome(paths: RunPaths, recipe: Recipe, models: ModelFacts): Promise<Outcome> {
  const coverage = await coverageOf(paths, recipe);
  const results = (await exists(paths.results)) ? resultsSchema.parse(JSON.parse(await readFile(paths.results, "utf8"))) : null;
  return {
    window: models.base.window,
    targetLength: recipe.targetLength,
    cost: await costOf(paths, recipe, models),
    // A run that ends before the evaluation is about its tokens.
    models: results === null ? { tokens: await tokenClasses(paths) } : measuresOf(results),
    ...(coverage === null ? {} : { coverage }),
  };
}

async function costOf(paths: RunPaths, recipe: Recipe, models: ModelFacts): Promise<Cost> {
  const manifests = await Promise.all((["extend", "replay", "merge"] as const).map((stage) => manifestOf(paths, stage)));
  const done = manifests.filter((manifest) => manifest !== null);
  const summary = await readSummary(join(paths.stage("samples"), sampleFiles.summary), samplesSummarySchema);
  const selection = await readSummary(join(paths.stage("select"), selectionFiles.summary), selectionSummarySchema);
  const [extended, replayed] = manifests;
  const extend = extended && summary ? trained(summary.extend, recipe.training) : null;
  const replay = replayed && summary?.replay ? trained(summary.replay, recipe.replay) : null;
  const work = recipe.training.method === "full" ? "full" : "lora";
  const flops = [extend, replay].map((part) => (part === null ? 0 : flopsOf(models.base, part.tokens, part.length, work)));
  const scored = selection?.scoredTokens;
  const window = recipe.significance.window ?? recipe.targetLength;
  return {
    trainingTokens: extend?.tokens ?? null,
    replayTokens: replay?.tokens ?? null,
    trainingFlops: extend === null ? null : flops.reduce((sum, each) => sum + each, 0),
    scoringFlops: scored === undefined ? null : 2 * flopsOf(models.base, scored, window, "forward"),
    seconds: done.length === 0 ? null : done.reduce((sum, { seconds }) => sum + seconds, 0),
    memoryBytes: await peakMemory([paths.stage("extend"), paths.stage("replay")]),
  };
}

/** Tokens that a training stage went through, and their mean sequence length. */
function trained(
  { samples, tokens }: z.infer<typeof tableSummary>,
  settings: Recipe["training"] | Recipe["replay"],
): { tokens: number; length: number } {
  const passes = (optimizerSteps(settings, samples) * settings.batchSize) / samples;
  return { tokens: Math.round(tokens * passes), length: tokens / samples };
}

async function manifestOf(paths: RunPaths, stage: StageName) {
  return (await exists(paths.stage(stage))) ? readManifest(paths.stages, stage) : null;
}

async function readSummary<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  return (await exists(file)) ? schema.parse(JSON.parse(await readFile(file, "utf8"))) : null;
}

async function peakMemory(directories: readonly string[]): Promise<number | null> {
  let peak: number | null = null;
  for (const directory of directories) {
    if (!(await exists(directory))) continue;
    for (const file of (await readdir(directory)).filter((name) => /^train-.*\.events\.jsonl$/u.test(name))) {
      for (const event of await workerEventTail(join(directory, file)).read()) {
        if (event.kind === "metric" && event.values.memoryBytes !== undefined) peak = Math.max(peak ?? 0, event.values.memoryBytes);
      }
    }
  }
  return peak;
}

async function coverageOf(paths: RunPaths, recipe: Recipe): Promise<StudyCell["coverage"] | null> {
  const table = join(paths.stage("samples"), sampleFiles.extend);
  if (!(await exists(table))) return null;
  const counter = new CoverageCounter(recipe.targetLength);
  for await (const { positions } of readRows(table, "samples")) {
    counter.add(positions);
    if (counter.samples >= countedSamples) break;
  }
  return counter.result(recipe.positions.strategy, "samples");
}
