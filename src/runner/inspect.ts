/** Facts about models, found by the worker before anything starts, kept for local folders until their files change. */
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import * as z from "zod";
import type { EventPayload } from "../protocol/events.js";
import type { Recipe } from "../protocol/recipe.js";
import { inspectionSchema, type Inspection } from "../protocol/tables.js";
import { hashOf } from "./cacheKey.js";
import { systemCode } from "./faults.js";
import { exists } from "./runDirectory.js";
import { runWorker, type WorkerProgram } from "./worker.js";

/** Raised when inspections say more or other things: kept ones of before are not used again. */
const inspectionVersion = 3;

export interface InspectOptions {
  readonly program: WorkerProgram;
  /** Local folders or hub ids. */
  readonly models: readonly string[];
  /** Folder in which facts are kept. */
  readonly cache: string;
  readonly recipe: Pick<Recipe, "device" | "seed">;
  readonly abort: AbortSignal;
  emit(event: EventPayload): void;
}

/**
 * @returns one inspection a model, in order.
 * @throws UserError when a model cannot be found or read.
 */
export async function inspectModels(options: InspectOptions): Promise<Inspection[]> {
  const inspections: Inspection[] = [];
  for (const model of options.models) inspections.push(await inspectModel(options, model));
  return inspections;
}

async function inspectModel(options: InspectOptions, model: string): Promise<Inspection> {
  const files = await fileList(model);
  const directory = join(options.cache, hashOf({ model, files, version: inspectionVersion }).slice(0, 16));
  const output = join(directory, "inspection.json");
  // What a hub id stands for may change without a local file changing.
  if (files === null || !(await exists(output))) {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    await runWorker(options.program, {
      job: {
        version: 1,
        kind: "inspect",
        models: [model],
        output,
        events: join(directory, "worker.jsonl"),
        control: join(directory, "control"),
        device: options.recipe.device,
        precision: "auto",
        seed: options.recipe.seed,
        parentPid: process.pid,
      },
      jobFile: join(directory, "job.json"),
      logFile: join(directory, "worker.log"),
      recordFile: join(directory, "worker.json"),
      seen: () => false,
      emit: (event) => options.emit(event),
      abort: options.abort,
    });
  }
  const [inspection] = z.tuple([inspectionSchema]).parse(JSON.parse(await readFile(output, "utf8")));
  return inspection;
}

/** Names, sizes and times of a local folder's files: cheap, and different whenever the model is. null for a hub id. */
async function fileList(model: string): Promise<unknown> {
  try {
    const names = (await readdir(model)).sort();
    return await Promise.all(
      names.map(async (name) => {
        const { size, mtimeMs } = await stat(join(model, name));
        return [name, size, mtimeMs];
      }),
    );
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw error;
  }
}
