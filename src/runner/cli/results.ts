/** `longrecipe results RUN`: an evaluation's results in the form of other tools. */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { packageVersion } from "../../environment/locations.js";
import { exportFormats, exportResults, fileOf, modelsOf, type ExportFormat } from "../../evaluation/export/index.js";
import { exitCode, messageOf, UserError } from "../../protocol/errors.js";
import { resultsSchema, type Results } from "../../protocol/results.js";
import { runPaths } from "../runDirectory.js";
import type { CommonOptions } from "./context.js";

export interface ResultsOptions extends CommonOptions {
  readonly format?: string | undefined;
  readonly output?: string | undefined;
  readonly model?: string | undefined;
}

/** @throws UserError where there are no results, or no such format or model */
export async function results(run: string, options: ResultsOptions): Promise<void> {
  const format = formatOf(options.format ?? "markdown");
  const file = await resultsFile(resolve(run));
  const found = await readResults(file);
  const request = { format, model: options.model, producer: `longrecipe ${packageVersion()}`, date: (await stat(file)).mtimeMs };
  const exported = exportResults(found, request);
  if (options.output === undefined) {
    const [only] = exported;
    if (only === undefined || exported.length > 1) {
      throw new UserError(
        "several-files",
        `In this format each model is a file of its own, and there are ${String(exported.length)}.`,
        `Name one (--model ${modelsOf(found)[0] ?? "NAME"}) or a file for all of them (--output results.json: the model's name is put before the ending).`,
        exitCode.badInput,
      );
    }
    process.stdout.write(only.text);
    return;
  }
  const target = resolve(options.output);
  const files: string[] = [];
  for (const { model, text } of exported) {
    const path = fileOf(target, model, exported.length > 1);
    await writeFileAtomic(path, text);
    files.push(path);
  }
  if (options.json) console.log(JSON.stringify({ files, missing: found.missing ?? [] }));
  else for (const path of files) console.log(path);
  const missing = (found.missing ?? []).reduce((sum, { count }) => sum + count, 0);
  if (missing > 0)
    console.error(`These results are not complete: ${String(missing)} prompts are missing. They are listed in what was written.`);
}

function formatOf(text: string): ExportFormat {
  const format = exportFormats.find((one) => one === text);
  if (format !== undefined) return format;
  throw new UserError("no-such-format", `There is no format ${text}.`, `There are: ${exportFormats.join(", ")}.`, exitCode.badInput);
}

/** Of a run directory, or the results file itself. */
async function resultsFile(path: string): Promise<string> {
  try {
    return (await stat(path)).isFile() ? path : runPaths(path).results;
  } catch (error) {
    throw noResults(path, error);
  }
}

async function readResults(file: string): Promise<Results> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw noResults(file, error);
  }
  try {
    return resultsSchema.parse(JSON.parse(text));
  } catch {
    throw new UserError("results-damaged", `${file} holds no results of an evaluation.`, "Evaluate the run again.", exitCode.badInput);
  }
}

function noResults(path: string, error: unknown): UserError {
  return new UserError(
    "no-results",
    `There are no evaluation results at ${path} (${messageOf(error)}).`,
    "Name a run whose evaluation is done; `longrecipe runs` lists runs, `longrecipe evaluate` evaluates one.",
    exitCode.badInput,
  );
}
