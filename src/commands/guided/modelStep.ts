/** Question 1: which model. */
import { basename, isAbsolute } from "node:path";
import * as vscode from "vscode";
import { foldersHolding } from "../../platform/find.js";
import { formatTokens } from "../../views/format.js";
import type { RecipeDraft } from "./draft.js";
import { isModelFolder, readModelConfig } from "./modelConfig.js";
import { recentModels } from "./recentModels.js";
import { group, input, pick, type Answer, type Outcome, type StepPlace } from "./steps.js";

/** Chosen instead of a model: the flow ends and the example is copied and run. */
export const EXAMPLE = "longrecipe:example";

interface ModelItem extends vscode.QuickPickItem {
  readonly model?: string;
  readonly action?: "browse" | "hub";
}

/** @param memory holds the models used lately */
export async function askModel(
  memory: vscode.Memento,
  draft: Partial<RecipeDraft>,
  place: StepPlace,
): Promise<Outcome<Partial<RecipeDraft>>> {
  for (;;) {
    const outcome = await pick(place, {
      placeholder: vscode.l10n.t("Which model shall get a longer context?"),
      items: modelItems(memory),
      isActive: (item) => item.model !== undefined && item.model === draft.model,
    });
    if (outcome.kind !== "next") return outcome;
    if (outcome.value.model === EXAMPLE) return { kind: "done", value: { model: EXAMPLE } };
    const model = await modelOf(outcome.value, place);
    if (model?.kind === "cancel") return model;
    if (model?.kind === "next") return { kind: "next", value: { model: model.value, window: await windowOf(model.value) } };
  }
}

/** null and "back" both ask again. */
async function modelOf(item: ModelItem, place: StepPlace): Promise<Answer<string> | null> {
  if (item.model !== undefined) return { kind: "next", value: item.model };
  if (item.action === "hub") return askHubId(place);
  const folder = await browseFolder();
  return folder === null ? null : { kind: "next", value: folder };
}

async function modelItems(memory: vscode.Memento): Promise<ModelItem[]> {
  const recent = await existing(recentModels(memory));
  const here = await existing((await foldersHolding(["**/*.safetensors"])).filter((folder) => !recent.includes(folder)));
  const [recentItems, hereItems] = await Promise.all([Promise.all(recent.map(itemOf)), Promise.all(here.map(itemOf))]);
  return [
    ...group(vscode.l10n.t("used lately"), recentItems),
    ...group(vscode.l10n.t("in this workspace"), hereItems),
    ...group(vscode.l10n.t("other"), [
      { label: vscode.l10n.t("$(folder-opened) Browse for a model folder…"), action: "browse" as const },
      {
        label: vscode.l10n.t("$(cloud) Enter a hub id…"),
        description: vscode.l10n.t("downloaded when the run starts"),
        action: "hub" as const,
      },
      {
        label: vscode.l10n.t("$(mortar-board) The embedded example"),
        description: vscode.l10n.t("a small model of our own with its corpus and recipe: minutes on a CPU"),
        model: EXAMPLE,
      },
    ]),
  ];
}

async function existing(models: readonly string[]): Promise<string[]> {
  const there = await Promise.all(models.map(async (model) => !isAbsolute(model) || (await isModelFolder(model))));
  return models.filter((_, index) => there[index]);
}

async function itemOf(model: string): Promise<ModelItem> {
  if (!isAbsolute(model)) return { label: `$(cloud) ${model}`, model };
  const config = await readModelConfig(model);
  const window = config?.window ?? null;
  const facts = [config?.architecture ?? "", window === null ? "" : vscode.l10n.t("window {0}", formatTokens(window))];
  return {
    label: `$(package) ${basename(model)}`,
    description: facts.filter((fact) => fact !== "").join(" · "),
    detail: vscode.workspace.asRelativePath(model),
    model,
  };
}

async function windowOf(model: string): Promise<number | null> {
  return isAbsolute(model) ? ((await readModelConfig(model))?.window ?? null) : null;
}

function askHubId(place: StepPlace): Promise<Answer<string>> {
  return input(place, {
    prompt: vscode.l10n.t("Hub id of the model"),
    placeholder: "organization/model",
    validate: (text) => (/^[\w.-]+(\/[\w.-]+)?$/.test(text) ? null : vscode.l10n.t('A hub id looks like "organization/model".')),
  });
}

/** Asks for a folder in the file dialog; undefined where it was closed. */
export async function openModelFolder(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: vscode.l10n.t("Use This Model"),
    title: vscode.l10n.t("Folder with config.json and safetensors"),
  });
  return chosen?.[0];
}

async function browseFolder(): Promise<string | null> {
  const folder = (await openModelFolder())?.fsPath;
  if (folder === undefined) return null;
  if (await isModelFolder(folder)) return folder;
  // Not awaited: the question comes back, the message stays beside it.
  void vscode.window.showWarningMessage(
    vscode.l10n.t("{0} holds no model: config.json and *.safetensors, as transformers saves them, are needed.", folder),
  );
  return null;
}
