/** report.md and report.html beside the results. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { modelCard } from "../../evaluation/modelCard.js";
import { ascending } from "../../evaluation/lengths.js";
import type { LossSeries, ValidationSeries } from "../../evaluation/report.js";
import { htmlReport } from "../../evaluation/reportHtml.js";
import { markdownReport } from "../../evaluation/reportMarkdown.js";
import { lossBeside } from "../../evaluation/validation.js";
import { summarize } from "../../evaluation/summary.js";
import { significanceSummarySchema, type SignificanceSummary } from "../../protocol/corpusSummary.js";
import { coverageFileSchema, type CoverageFile } from "../../protocol/coverage.js";
import type { Diagnosis } from "../../protocol/events.js";
import type { Recipe } from "../../protocol/recipe.js";
import type { Results } from "../../protocol/results.js";
import { systemCode } from "../tables/faults.js";
import { workerEventTail } from "../eventTail.js";
import { exists } from "../runDirectory.js";
import { readPrepareSummary } from "./prepareSummary.js";
import { evaluationFiles, modelCardFile, sampleFiles, significanceSummaryFile } from "./files.js";

export interface ReportSources {
  /** The model that was extended. */
  readonly model: string;
  /** Training stages in order, with their folders. */
  readonly stages: readonly { readonly stage: string; readonly directory: string }[];
  /** What the stages said of themselves. */
  readonly diagnoses?: readonly Diagnosis[];
  readonly recipe: Recipe;
  /** W. */
  readonly window: number;
  /** Output folder of the stage `samples`; null where it was skipped. */
  readonly samples: string | null;
  /** Output folder of the stage `prepare`; null where it was skipped. */
  readonly prepare: string | null;
  /** Output folder of the stage `significance`; null where it was skipped. */
  readonly significance: string | null;
  /** Folder of the merged checkpoint, which gets a model card; null where there is none. */
  readonly merged: string | null;
}

/** Writes both reports into `directory`, and the model card into the merged checkpoint. */
export async function writeReports(directory: string, results: Results, sources: ReportSources): Promise<void> {
  const { model, stages, diagnoses = [], recipe, window, samples, prepare, significance, merged } = sources;
  const trained = await Promise.all(stages.map((stage) => readTraining(stage, window)));
  const input = {
    summary: summarize(results),
    results,
    model,
    losses: trained.map(({ losses }) => losses),
    validations: trained.flatMap(({ validations }) => (validations.step.length === 0 ? [] : [validations])),
    coverage: samples === null ? null : await ifThere(() => readCoverage(join(samples, sampleFiles.coverage))),
    diagnoses,
    recipe,
    corpus: prepare === null ? null : await ifThere(() => readPrepareSummary(prepare)),
    scored: significance === null ? null : await ifThere(() => readScored(join(significance, significanceSummaryFile))),
  };
  await writeFileAtomic(join(directory, evaluationFiles.markdown), markdownReport(input));
  await writeFileAtomic(join(directory, evaluationFiles.html), htmlReport(input));
  // Whoever has moved the checkpoint away gets no card.
  if (merged !== null && (await exists(merged))) await writeFileAtomic(join(merged, modelCardFile), modelCard(input));
}

/** null where the file is not there: the output is older than it, or was removed by hand. */
async function ifThere<R>(read: () => Promise<R>): Promise<R | null> {
  try {
    return await read();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

async function readCoverage(file: string): Promise<CoverageFile> {
  return coverageFileSchema.parse(JSON.parse(await readFile(file, "utf8")));
}

async function readScored(file: string): Promise<SignificanceSummary> {
  return significanceSummarySchema.parse(JSON.parse(await readFile(file, "utf8")));
}

/** What a training job reported; a step that was done again after an interruption counts once, the last time. */
async function readTraining(
  { stage, directory }: ReportSources["stages"][number],
  window: number,
): Promise<{ losses: LossSeries; validations: ValidationSeries }> {
  const losses = new Map<number, number>();
  const measured = new Map<number, ReturnType<typeof lossBeside>>();
  for (const file of (await eventFiles(directory)).sort()) {
    for (const event of await workerEventTail(join(directory, file)).read()) {
      if (event.kind === "metric" && event.values.loss !== undefined) losses.set(event.step, event.values.loss);
      if (event.kind === "measurement") measured.set(event.step, lossBeside(event.bins, window));
    }
  }
  const steps = ascending(losses.keys());
  const validated = ascending(measured.keys());
  const perplexity = (part: "inside" | "beyond"): number[] => validated.map((step) => Math.exp(measured.get(step)?.[part] ?? Number.NaN));
  return {
    losses: { stage, step: steps, loss: steps.map((step) => losses.get(step) ?? Number.NaN) },
    validations: { stage, step: validated, inside: perplexity("inside"), beyond: perplexity("beyond") },
  };
}

async function eventFiles(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((file) => /^train-.*\.events\.jsonl$/u.test(file));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
