/** The facts that an estimate rests on: the machine, the corpus, and what earlier runs reached. */
import { stat } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import type { Hardware } from "../environment/hardware.js";
import type { Recipe } from "../protocol/recipe.js";
import { measuredOperations, type EstimateDevice, type MeasuredRate } from "../recipe/estimate.js";
import { readRunRecipe } from "../runner/runDirectory.js";
import { expandCorpus } from "../runner/stages/corpusFiles.js";
import type { FollowedRun } from "../views/followedRun.js";
import { dirname } from "node:path";
import { readModelShape } from "./modelShape.js";

/** Bytes of text to a token: about this many in most languages and tokenizers. */
const BYTES_PER_TOKEN = 4;
/** More files than this are not looked at one by one. */
const MOST_FILES = 20_000;

/** The device that the recipe would run on. Without a Python environment only the processor is known. */
export function estimateDevice(hardware: Hardware | null, wanted: Recipe["device"]): EstimateDevice {
  const processor: EstimateDevice = {
    device: "cpu",
    name: cpus()[0]?.model.trim() ?? "CPU",
    memoryBytes: totalmem(),
    bfloat16: false,
    cpus: availableParallelism(),
  };
  const found = hardware?.devices.find(({ device }) => (wanted === "auto" ? true : device === wanted));
  if (found === undefined || found.device === "cpu") return processor;
  return {
    device: found.device,
    name: found.name,
    memoryBytes: found.memoryBytes ?? totalmem(),
    bfloat16: found.bfloat16,
    cpus: availableParallelism(),
  };
}

/** Tokens of the recipe's corpus by its size; null where it has no file, or too many to look at. */
export async function corpusTokens(recipe: Recipe, folder: string): Promise<number | null> {
  const files = await expandCorpus(recipe.corpus, folder);
  if (files.length === 0 || files.length > MOST_FILES) return null;
  const sizes = await Promise.all(files.map(async ({ absolute }) => (await stat(absolute)).size));
  return sizes.reduce((sum, size) => sum + size, 0) / BYTES_PER_TOKEN;
}

/** Speeds of earlier runs whose model is still there to be measured by. */
export async function measuredRates(runs: readonly FollowedRun[]): Promise<MeasuredRate[]> {
  const rates = await Promise.all(runs.map((run) => rateOf(run)));
  return rates.filter((rate) => rate !== null);
}

async function rateOf(run: FollowedRun): Promise<MeasuredRate | null> {
  const { snapshot } = run;
  const rate = snapshot.latest.extend?.values.tokensPerSecond;
  // "NAME (KIND, PRECISION)": the name is what devices are told apart by.
  const device = snapshot.device?.replace(/ \([^()]*\)$/, "");
  if (rate === undefined || device === undefined) return null;
  const recipe = await readRunRecipe(run.directory).catch(() => null);
  if (recipe === null) return null;
  const shape = await readModelShape(dirname(run.run.recipeFile), recipe.model);
  return shape === null ? null : { device, operationsPerSecond: measuredOperations(recipe, shape, rate) };
}
