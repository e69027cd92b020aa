/** "Evaluate this Checkpoint": any model folder, by a recipe of the workspace or by settings of its own. */
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { findInWorkspace, foldersHolding } from "../platform/find.js";
import { recipeFolder } from "../platform/folders.js";
import type { Command, Parts } from "../platform/parts.js";
import { requireTrust } from "../platform/trust.js";
import { exitCode, UserError } from "../protocol/errors.js";
import { deviceSetting } from "../platform/settings.js";
import { askCorpus } from "./guided/corpusStep.js";
import { completeDraft, draftName, type RecipeDraft } from "./guided/draft.js";
import { askLength } from "./guided/lengthStep.js";
import { isModelFolder, readModelConfig } from "./guided/modelConfig.js";
import { openModelFolder } from "./guided/modelStep.js";
import { group, pick, runSteps, type Outcome, type Step, type StepPlace } from "./guided/steps.js";
import { writeRecipe } from "./guided/writeRecipe.js";
import { startEvaluation } from "./launch.js";

interface Answers extends RecipeDraft {
  /** A recipe file whose evaluation is used; null for one that is made now. */
  readonly recipe: string | null;
}

interface ChoiceItem extends vscode.QuickPickItem {
  /** A folder or a file; left out for the one that is not there yet. */
  readonly path?: string;
}

export const evaluateCheckpoint: Command = async (parts, argument) => {
  requireTrust();
  const given = await givenModel(argument);
  const title = vscode.l10n.t("Evaluate a Checkpoint");
  const start: Partial<Answers> = given === null ? {} : { model: given, window: await windowOf(given) };
  const which: Step<Answers>[] = given === null ? [(_, place) => askCheckpoint(parts, place)] : [];
  const answers = await runSteps<Answers>(title, start, [...which, (_, place) => askRecipe(place), askCorpus, askUnknownLength]);
  if (answers?.model === undefined) return;
  const recipe = answers.recipe ?? (await newRecipe(answers));
  if (recipe !== null) await startEvaluation(parts, answers.model, vscode.Uri.file(recipe));
};

/** The folder, or its config.json, that the command was called on. @throws UserError when it holds no model. */
async function givenModel(argument: unknown): Promise<string | null> {
  if (!(argument instanceof vscode.Uri)) return null;
  const folder = basename(argument.fsPath) === "config.json" ? dirname(argument.fsPath) : argument.fsPath;
  if (await isModelFolder(folder)) return folder;
  throw new UserError(
    "no-model",
    vscode.l10n.t("{0} holds no model.", folder),
    vscode.l10n.t("A model folder has a config.json and *.safetensors, as transformers saves them."),
    exitCode.badInput,
  );
}

async function askCheckpoint(parts: Parts, place: StepPlace): Promise<Outcome<Partial<Answers>>> {
  const outcome = await pick<ChoiceItem>(place, {
    placeholder: vscode.l10n.t("Which model shall be evaluated?"),
    items: checkpointItems(parts),
  });
  if (outcome.kind !== "next") return outcome;
  const model = outcome.value.path ?? (await browse());
  return model === null ? { kind: "back" } : { kind: "next", value: { model, window: await windowOf(model) } };
}

async function checkpointItems(parts: Parts): Promise<ChoiceItem[]> {
  const merged = parts.store
    .all()
    .filter((run) => run.hasCheckpoint)
    .map((run): ChoiceItem => ({ label: `$(git-merge) ${run.run.name}`, description: basename(run.directory), path: run.paths.merged }));
  const folders = (await foldersHolding(["**/*.safetensors"])).map((folder): ChoiceItem => ({
    label: `$(package) ${basename(folder)}`,
    description: vscode.workspace.asRelativePath(folder),
    path: folder,
  }));
  return [
    ...group<ChoiceItem>(vscode.l10n.t("merged by runs"), merged),
    ...group<ChoiceItem>(vscode.l10n.t("in this workspace"), folders),
    ...group<ChoiceItem>(vscode.l10n.t("other"), [{ label: vscode.l10n.t("$(folder-opened) Browse for a model folder…") }]),
  ];
}

async function browse(): Promise<string | null> {
  const chosen = await openModelFolder();
  return chosen === undefined ? null : givenModel(chosen);
}

async function askRecipe(place: StepPlace): Promise<Outcome<Partial<Answers>>> {
  const outcome = await pick<ChoiceItem>(place, { placeholder: vscode.l10n.t("By which recipe's evaluation?"), items: recipeItems() });
  if (outcome.kind !== "next") return outcome;
  const recipe = outcome.value.path ?? null;
  return recipe === null ? { kind: "next", value: { recipe } } : { kind: "done", value: { recipe } };
}

async function recipeItems(): Promise<ChoiceItem[]> {
  const recipes = (await findInWorkspace(["**/*.longrecipe.json"])).map((file): ChoiceItem => ({
    label: `$(json) ${basename(file)}`,
    description: vscode.workspace.asRelativePath(dirname(file)),
    path: file,
  }));
  return [
    ...recipes,
    {
      label: vscode.l10n.t("$(settings) Default settings…"),
      description: vscode.l10n.t("needles and perplexity over the model's own window, on text that you choose"),
    },
  ];
}

/** The model's own window is taken; only where its config does not say one is it asked for. */
function askUnknownLength(draft: Partial<Answers>, place: StepPlace): Promise<Outcome<Partial<Answers>>> {
  const window = draft.window ?? null;
  return window === null ? askLength(draft, place) : Promise.resolve({ kind: "next", value: { targetLength: window } });
}

async function windowOf(model: string): Promise<number | null> {
  return (await readModelConfig(model))?.window ?? null;
}

/** A recipe file of its own, so that what was measured is written down and can be changed. @returns null when no folder was picked. */
async function newRecipe(answers: Partial<Answers>): Promise<string | null> {
  const folder = await recipeFolder();
  if (folder === null) return null;
  const draft = completeDraft({ ...answers, device: deviceSetting(), start: true });
  const file = await writeRecipe(draft, folder, `evaluate-${draftName(draft)}`);
  await vscode.window.showTextDocument(file, { preview: true });
  return file.fsPath;
}
