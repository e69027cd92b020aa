/** Writes the evaluation results of a run for other tools: lm-evaluation-harness's form, CSV, Markdown. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { packageVersion } from "../environment/locations.js";
import { exportEndings, exportResults as exported, fileOf, type ExportFormat } from "../evaluation/export/index.js";
import { readResults } from "../panels/resultsFile.js";
import type { Command } from "../platform/parts.js";
import { exitCode, UserError } from "../protocol/errors.js";
import { chooseRun } from "./chooseRun.js";

export const exportResults: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Export the evaluation results of which run?"),
    none: vscode.l10n.t("No run has evaluation results."),
    fits: (candidate) => candidate.hasReport,
  });
  if (run === null) return;
  const file = run.resultsFile;
  const { results } = await readResults(file);
  if (results === null) {
    throw new UserError(
      "no-results",
      vscode.l10n.t("The results of {0} cannot be read; evaluate it again.", run.run.name),
      vscode.l10n.t("LongRecipe: Evaluate Again does that."),
      exitCode.badInput,
    );
  }
  const format = await chooseFormat();
  if (format === null) return;
  const ending = exportEndings[format];
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(run.directory, "..", "..", "..", `${basename(run.directory)}-results.${ending}`)),
    filters: { [ending.toUpperCase()]: [ending] },
  });
  if (target === undefined) return;
  const producer = `longrecipe ${packageVersion()}`;
  const files = exported(results, { format, producer, date: (await stat(file)).mtimeMs });
  const written: vscode.Uri[] = [];
  for (const { model, text } of files) {
    const uri = target.with({ path: fileOf(target.path, model, files.length > 1) });
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    written.push(uri);
  }
  parts.log.info(`[${run.run.name}] results written: ${written.map(({ fsPath }) => fsPath).join(", ")}`);
  const [first] = written;
  if (first !== undefined) await vscode.window.showTextDocument(first, { preview: false });
};

async function chooseFormat(): Promise<ExportFormat | null> {
  const items: (vscode.QuickPickItem & { format: ExportFormat })[] = [
    {
      label: "$(json) lm-evaluation-harness",
      detail: vscode.l10n.t("Its results file, one for each model: for leaderboards and tools that read it."),
      format: "lm-eval",
    },
    { label: "$(table) CSV", detail: vscode.l10n.t("A line for each answer, for spreadsheets and data frames."), format: "csv" },
    { label: "$(markdown) Markdown", detail: vscode.l10n.t("A table for each benchmark, for papers and model cards."), format: "markdown" },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Export Evaluation Results"), matchOnDetail: true });
  return picked?.format ?? null;
}
