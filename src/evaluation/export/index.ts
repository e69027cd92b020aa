/** Exports of an evaluation by format. */
import { exitCode, UserError } from "../../protocol/errors.js";
import type { Results } from "../../protocol/results.js";
import { orderedModels } from "../summary.js";
import { csvResults } from "./csv.js";
import { lmEvalResults } from "./lmEval.js";
import { markdownResults } from "./markdown.js";

export const exportFormats = ["lm-eval", "csv", "markdown"] as const;
export type ExportFormat = (typeof exportFormats)[number];
export const exportEndings: Readonly<Record<ExportFormat, string>> = { "lm-eval": "json", csv: "csv", markdown: "md" };

export interface ExportRequest {
  readonly format: ExportFormat;
  /** lm-eval: the model; left out: every one, each a file. */
  readonly model?: string | undefined;
  readonly producer: string;
  /** Milliseconds since the epoch. */
  readonly date: number;
}

export interface ExportedFile {
  /** Whose it is; null: of all models. */
  readonly model: string | null;
  readonly text: string;
}

/** @throws UserError for a model that has no results */
export function exportResults(results: Results, { format, model, producer, date }: ExportRequest): ExportedFile[] {
  if (format === "csv") return [{ model: null, text: csvResults(results) }];
  if (format === "markdown") return [{ model: null, text: markdownResults(results) }];
  const known = modelsOf(results);
  if (model !== undefined && !known.includes(model)) {
    throw new UserError("no-such-model", `There are no results of ${model}.`, `There are: ${known.join(", ")}.`, exitCode.badInput);
  }
  return (model === undefined ? known : [model]).map((name) => ({
    model: name,
    text: `${JSON.stringify(lmEvalResults(results, { model: name, producer, date }), null, 2)}\n`,
  }));
}

/** Every model that has a score. */
export function modelsOf(results: Results): string[] {
  const abilities = (results.abilities ?? []).map(({ model }) => model).filter((model) => !results.rows.some((row) => row.model === model));
  return [...orderedModels(results.rows), ...new Set(abilities)];
}

/** The name of a file, with the model's before its ending where there are several: `results.merged.json`. */
export function fileOf(file: string, model: string | null, several: boolean): string {
  if (model === null || !several) return file;
  const safe = model.replace(/[^\w.@-]+/gu, "_");
  return /\.\w+$/u.test(file) ? file.replace(/(\.\w+)$/u, `.${safe}$1`) : `${file}.${safe}`;
}
