/** Questions about a server: where it is, how it is asked, which of its models, with which key. */
import * as vscode from "vscode";
import { serverKey, serverKeyNames } from "../../platform/secrets.js";
import { nameFrom, nameSchema } from "../../protocol/name.js";
import { serverSchema, type FurtherModel } from "../../protocol/recipe/models.js";
import { listModels } from "./listModels.js";
import { group, input, pick, type Outcome, type StepPlace } from "./steps.js";

export interface ServerDraft {
  readonly url: string;
  readonly api: "chat" | "completions";
  /** Name of the key; null for none. */
  readonly key: string | null;
  readonly model: string;
  /** Its name in the results. */
  readonly name: string;
}

type Draft = Partial<ServerDraft>;
type Place = StepPlace;

/** Where servers listen when nothing else is said. */
const usual = [
  { label: "vLLM", url: "http://localhost:8000/v1" },
  { label: "llama.cpp", url: "http://localhost:8080/v1" },
  { label: "SGLang", url: "http://localhost:30000/v1" },
  { label: "OpenAI", url: "https://api.openai.com/v1" },
] as const;

export async function askAddress(draft: Draft, place: Place): Promise<Outcome<Draft>> {
  const other = { label: vscode.l10n.t("$(edit) Another address…"), url: null };
  const chosen = await pick(place, {
    placeholder: vscode.l10n.t("Which server answers?"),
    items: [...usual.map(({ label, url }) => ({ label: `$(server) ${label}`, description: url, url })), other],
    isActive: (item) => item.url === draft.url,
  });
  if (chosen.kind !== "next") return chosen;
  if (chosen.value.url !== null) return { kind: "next", value: { url: chosen.value.url } };
  const typed = await input(place, {
    prompt: vscode.l10n.t("Base address of the server; for most it ends with /v1"),
    value: draft.url ?? "http://",
    validate: (text) =>
      serverSchema.shape.url.safeParse(text).success && !/^https?:\/\/[^/]*@/u.test(text)
        ? null
        : vscode.l10n.t("An address such as http://localhost:8000/v1, without name and password."),
  });
  return typed.kind === "next" ? { kind: "next", value: { url: typed.value } } : typed;
}

export async function askApi(draft: Draft, place: Place): Promise<Outcome<Draft>> {
  const chosen = await pick(place, {
    placeholder: vscode.l10n.t("How is it asked?"),
    items: [
      { label: "completions", description: vscode.l10n.t("the prompt as it is, for the model to go on from"), api: "completions" as const },
      {
        label: "chat",
        description: vscode.l10n.t("the prompt as one user message; all that OpenAI's newer models take"),
        api: "chat" as const,
      },
    ],
    isActive: (item) => item.api === (draft.api ?? (draft.url?.includes("openai.com") === true ? "chat" : "completions")),
  });
  return chosen.kind === "next" ? { kind: "next", value: { api: chosen.value.api } } : chosen;
}

interface KeyItem extends vscode.QuickPickItem {
  /** null: none; undefined: a new one. */
  readonly key?: string | null;
}

export async function askKey(context: vscode.ExtensionContext, draft: Draft, place: Place): Promise<Outcome<Draft>> {
  const kept = serverKeyNames(context).map((key): KeyItem => ({ label: `$(key) ${key}`, key }));
  const chosen = await pick<KeyItem>(place, {
    placeholder: vscode.l10n.t("Does it want a key?"),
    items: [
      { label: vscode.l10n.t("$(circle-slash) No key"), key: null },
      ...group<KeyItem>(vscode.l10n.t("kept by VS Code"), kept),
      { label: vscode.l10n.t("$(add) Another key…") },
    ],
    isActive: (item) => item.key !== undefined && item.key === draft.key,
  });
  if (chosen.kind !== "next") return chosen;
  if (chosen.value.key !== undefined) return { kind: "next", value: { key: chosen.value.key } };
  await vscode.commands.executeCommand("longrecipe.setServerKey");
  const added = serverKeyNames(context).find((name) => !kept.some(({ key }) => key === name));
  return added === undefined ? askKey(context, draft, place) : { kind: "next", value: { key: added } };
}

export async function askModel(context: vscode.ExtensionContext, draft: Draft, place: Place): Promise<Outcome<Draft>> {
  const secret = draft.key == null ? undefined : await serverKey(context, draft.key);
  const offered = await listModels(draft.url ?? "", secret);
  const other = { label: vscode.l10n.t("$(edit) Another model…"), model: null };
  if (offered.length > 0) {
    const chosen = await pick(place, {
      placeholder: vscode.l10n.t("Which of its models?"),
      items: [...offered.map((model) => ({ label: `$(package) ${model}`, model })), other],
      isActive: (item) => item.model === draft.model,
    });
    if (chosen.kind !== "next") return chosen;
    if (chosen.value.model !== null) return { kind: "next", value: { model: chosen.value.model } };
  }
  const typed = await input(place, {
    prompt:
      offered.length > 0
        ? vscode.l10n.t("Name of the model on the server")
        : vscode.l10n.t("The server does not list its models now. Name of the model on the server"),
    value: draft.model ?? "",
    validate: (text) => (text === "" ? vscode.l10n.t("A name is needed.") : null),
  });
  return typed.kind === "next" ? { kind: "next", value: { model: typed.value } } : typed;
}

export async function askName(draft: Draft, place: Place): Promise<Outcome<Draft>> {
  const typed = await input(place, {
    prompt: vscode.l10n.t("Its name in tables and pictures"),
    value: draft.name ?? nameFrom((draft.model ?? "").split("/").at(-1) ?? ""),
    validate: (text) => {
      if (!nameSchema.safeParse(text).success) return vscode.l10n.t("Letters, digits, dot, dash and underscore only.");
      const own = ["base", "rope", "extended", "merged"].includes(text);
      return own ? vscode.l10n.t("{0} is the name of a model of the run itself.", text) : null;
    },
  });
  return typed.kind === "next" ? { kind: "next", value: { name: typed.value } } : typed;
}

/** The entry of `evaluation.models`, without what has its default anyway. */
export function furtherModel({ name, url, model, api, key }: ServerDraft): Pick<FurtherModel, "name"> & { server: object } {
  return { name, server: { url, model, ...(api === "completions" ? {} : { api }), ...(key === null ? {} : { key }) } };
}

/** A flow that went through every question. @throws Error when one was left out, which is a defect */
export function completeServer({ url, api, key, model, name }: Draft): ServerDraft {
  if (url === undefined || api === undefined || key === undefined || model === undefined || name === undefined) {
    throw new Error("the guided flow left a question out");
  }
  return { url, api, key, model, name };
}
