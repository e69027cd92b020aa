/** Starts runners: checks first, makes the environment, launches, and shows the run as soon as it is on disk. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import process from "node:process";
import * as vscode from "vscode";
import { ensurePython } from "../platform/environment.js";
import type { Parts } from "../platform/parts.js";
import { keyEnvironment } from "../platform/secrets.js";
import { requireTrust } from "../platform/trust.js";
import { exitCode, UserError } from "../protocol/errors.js";
import { nameFrom } from "../protocol/name.js";
import type { Recipe } from "../protocol/recipe.js";
import { parseRecipe } from "../recipe/parse.js";
import { launchRunner } from "../runner/launch.js";
import { identityOf, isAlive } from "../runner/processes.js";
import { newRunDirectory, readRunRecipe, runPaths } from "../runner/runDirectory.js";
import type { FollowedRun } from "../views/followedRun.js";
import { mayRunCode } from "./consent.js";

/** A runner has written run.json well before this, in milliseconds, even on a busy machine. */
const START_TIMEOUT_MS = 30_000;

/** Checks the recipe, then starts a new run of it and opens its dashboard. All problems are shown at once. */
export async function startRun(parts: Parts, recipeFile: vscode.Uri): Promise<void> {
  requireTrust();
  const document = await vscode.workspace.openTextDocument(recipeFile);
  if (document.isDirty && !(await document.save())) return;
  parts.diagnostics.forgetFault(recipeFile);
  const checked = await parts.diagnostics.check(document);
  if (!("recipe" in checked)) {
    await showProblems(document, checked.problems.length);
    return;
  }
  if (!(await mayRunCode(parts, checked.recipe))) return;
  const keys = await keyEnvironment(parts.context, checked.recipe);
  const { python } = await ensurePython(parts);
  const directory = await newRunDirectory(recipeFile.fsPath, checked.recipe);
  const run = await launch(parts, ["extend", recipeFile.fsPath, "--run", directory], directory, { python, keys });
  await parts.dashboards.show(run);
}

/**
 * Starts a new runner on an existing run: `resume` goes on, `evaluate` does that stage again, `export` does the last one.
 * @param options further words of its command line
 */
export async function startAgain(
  parts: Parts,
  run: FollowedRun,
  command: "resume" | "evaluate" | "export",
  options: readonly string[] = [],
): Promise<void> {
  requireTrust();
  const recipe = await recipeOfRun(run, command);
  if (!(await mayRunCode(parts, recipe))) return;
  const keys = await keyEnvironment(parts.context, recipe);
  const { python } = await ensurePython(parts);
  await launch(parts, [command, run.directory, ...options], run.directory, { python, keys });
  await parts.dashboards.show(run);
}

/** What the runner will go by: the run's recipe, evaluated as its file says now. */
async function recipeOfRun(run: FollowedRun, command: "resume" | "evaluate" | "export"): Promise<Recipe> {
  const own = await readRunRecipe(run.directory);
  if (command !== "evaluate" || !existsSync(run.run.recipeFile)) return own;
  const parsed = parseRecipe(await readFile(run.run.recipeFile, "utf8"));
  // What is wrong with the file is told by the runner, which reads it again.
  return "recipe" in parsed ? { ...own, evaluation: parsed.recipe.evaluation } : own;
}

/** Evaluates a model folder by a recipe, as a run of its own, and shows the view that follows it. */
export async function startEvaluation(parts: Parts, model: string, recipeFile: vscode.Uri): Promise<FollowedRun | null> {
  requireTrust();
  const document = await vscode.workspace.openTextDocument(recipeFile);
  if (document.isDirty && !(await document.save())) return null;
  const parsed = parseRecipe(document.getText());
  if (!("recipe" in parsed)) {
    await parts.diagnostics.check(document);
    await showProblems(document, parsed.problems.length);
    return null;
  }
  if (!(await mayRunCode(parts, parsed.recipe))) return null;
  const keys = await keyEnvironment(parts.context, parsed.recipe);
  const { python } = await ensurePython(parts);
  const name = `evaluate-${nameFrom(basename(model))}`;
  const directory = await newRunDirectory(recipeFile.fsPath, { ...parsed.recipe, name });
  const args = ["evaluate", model, "--recipe", recipeFile.fsPath, "--run", directory];
  const run = await launch(parts, args, directory, { python, keys });
  await vscode.commands.executeCommand("longrecipe.evaluation.focus");
  return run;
}

/** Says how many problems a recipe has; each is marked in it. */
export async function showProblems(document: vscode.TextDocument, count: number): Promise<void> {
  await vscode.window.showTextDocument(document);
  const show = vscode.l10n.t("Show Problems");
  const message = count === 1 ? vscode.l10n.t("The recipe has a problem.") : vscode.l10n.t("The recipe has {0} problems.", count);
  const choice = await vscode.window.showErrorMessage(vscode.l10n.t("{0} Nothing was started.", message), show);
  if (choice === show) await vscode.commands.executeCommand("workbench.actions.view.problems");
}

/** What a runner gets besides its command line. */
interface Means {
  readonly python: string;
  /** Keys of servers, as environment variables. */
  readonly keys: Readonly<Record<string, string>>;
}

async function launch(parts: Parts, args: readonly string[], directory: string, { python, keys }: Means): Promise<FollowedRun> {
  const paths = runPaths(directory);
  const options = {
    node: process.execPath,
    runnerScript: vscode.Uri.joinPath(parts.context.extensionUri, "dist", "runner.js").fsPath,
    args,
    // The recipe's paths are relative to its file, not to this.
    cwd: dirname(directory),
    log: paths.log,
    env: { LONGRECIPE_PYTHON: python, ...keys },
  };
  const { pid } = await launchRunner(options);
  parts.log.info(`Runner ${String(pid)} started: ${args.join(" ")}`);
  await runOnDisk(paths.run, paths.log, pid);
  return parts.store.addLaunched(directory, pid);
}

/** @throws UserError when the runner ended, or kept silent, before there was a run. */
async function runOnDisk(runFile: string, logFile: string, pid: number): Promise<void> {
  const runner = identityOf(pid);
  for (const start = Date.now(); !existsSync(runFile);) {
    const ended = !isAlive(runner);
    if ((ended && !existsSync(runFile)) || Date.now() - start > START_TIMEOUT_MS) {
      const said = (await readFile(logFile, "utf8")).trim().split("\n").slice(-3).join(" ");
      throw new UserError(
        "runner-ended",
        vscode.l10n.t("The runner did not begin its run: {0}", said === "" ? vscode.l10n.t("it said nothing") : said),
        vscode.l10n.t("Its whole output is in {0}.", logFile),
        exitCode.internal,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
