/** report.md and report.html beside the results. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { LossSeries, ReportInput } from "../../evaluation/report.js";
import { htmlReport } from "../../evaluation/reportHtml.js";
import { markdownReport } from "../../evaluation/reportMarkdown.js";
import { summarize } from "../../evaluation/summary.js";
import type { Diagnosis } from "../../protocol/events.js";
import type { Results } from "../../protocol/results.js";
import { systemCode } from "../tables/faults.js";
import { workerEventTail } from "../eventTail.js";
import { evaluationFiles } from "./files.js";

export interface ReportSources {
  /** The model that was extended. */
  readonly model: string;
  /** Training stages in order, with their folders. */
  readonly stages: readonly { readonly stage: string; readonly directory: string }[];
  /** What the stages said of themselves. */
  readonly diagnoses?: readonly Diagnosis[];
}

/** Writes both reports into `directory`. */
export async function writeReports(directory: string, results: Results, { model, stages, diagnoses = [] }: ReportSources): Promise<void> {
  const losses = await Promise.all(stages.map(readLosses));
  const input: ReportInput = { summary: summarize(results), model, losses, diagnoses };
  await writeFileAtomic(join(directory, evaluationFiles.markdown), markdownReport(input));
  await writeFileAtomic(join(directory, evaluationFiles.html), htmlReport(input));
}

/** The losses that a training job reported; a step that was done again after an interruption counts once, the last time. */
async function readLosses({ stage, directory }: ReportSources["stages"][number]): Promise<LossSeries> {
  const byStep = new Map<number, number>();
  for (const file of (await eventFiles(directory)).sort()) {
    for (const event of await workerEventTail(join(directory, file)).read()) {
      if (event.kind === "metric" && event.values.loss !== undefined) byStep.set(event.step, event.values.loss);
    }
  }
  const steps = [...byStep.keys()].sort((a, b) => a - b);
  return { stage, step: steps, loss: steps.map((step) => byStep.get(step) ?? Number.NaN) };
}

async function eventFiles(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((file) => /^train-.*\.events\.jsonl$/u.test(file));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
