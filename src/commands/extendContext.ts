/** "Extend Context": straight from a recipe that is open or selected, else question by question. */
import * as vscode from "vscode";
import { recipeOfArgument } from "../editor/recipeFiles.js";
import { knownHardware } from "../platform/environment.js";
import { recipeFolder } from "../platform/folders.js";
import type { Command, Parts } from "../platform/parts.js";
import { deviceSetting } from "../platform/settings.js";
import { requireTrust } from "../platform/trust.js";
import { askCorpus } from "./guided/corpusStep.js";
import { estimateLine } from "./guided/estimateLine.js";
import { completeDraft, type RecipeDraft } from "./guided/draft.js";
import { askHardware } from "./guided/hardwareStep.js";
import { askLength } from "./guided/lengthStep.js";
import { isModelFolder } from "./guided/modelConfig.js";
import { askModel, EXAMPLE } from "./guided/modelStep.js";
import { rememberModel } from "./guided/recentModels.js";
import { runSteps } from "./guided/steps.js";
import { writeRecipe } from "./guided/writeRecipe.js";
import { startRun } from "./launch.js";
import { tryExample } from "./tryExample.js";

export const extendContext: Command = async (parts, argument) => {
  requireTrust();
  const recipe = recipeOfArgument(argument);
  if (recipe !== null) await startRun(parts, recipe);
  else await guided(parts, argument);
};

async function guided(parts: Parts, argument: unknown): Promise<void> {
  const folder = await recipeFolder();
  if (folder === null) return;
  const { globalState } = parts.context;
  const hardware = knownHardware(parts, folder.fsPath).catch((error: unknown) => {
    // The flow can do without; the run itself tells what is wrong with the environment.
    parts.log.warn(String(error));
    return null;
  });
  const selected = await selectedModel(argument);
  const answers = await runSteps<RecipeDraft>(vscode.l10n.t("Extend Context"), selected === null ? {} : { model: selected }, [
    (draft, place) => askModel(globalState, draft, place),
    askCorpus,
    askLength,
    (draft, place) => askHardware(hardware, deviceSetting(), draft, place, estimateLine(parts, folder.fsPath, draft)),
  ]);
  if (answers === null) return;
  if (answers.model === EXAMPLE) {
    await tryExample(parts, undefined);
    return;
  }
  const draft = completeDraft(answers);
  await rememberModel(globalState, draft.model);
  const file = await writeRecipe(draft, folder);
  await vscode.window.showTextDocument(file);
  if (draft.start) await startRun(parts, file);
}

/** The folder "Extend Context" was called on in the explorer, where that is a model. */
async function selectedModel(argument: unknown): Promise<string | null> {
  return argument instanceof vscode.Uri && (await isModelFolder(argument.fsPath)) ? argument.fsPath : null;
}
