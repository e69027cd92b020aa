/** The settings, typed. */
import * as vscode from "vscode";

const devices = ["auto", "cuda", "mps", "xpu", "cpu"] as const;
export type Device = (typeof devices)[number];

/** `longrecipe.worker.python`, or null when it is empty. */
export function pythonSetting(): string | null {
  const value = section().get("worker.python", "").trim();
  return value === "" ? null : value;
}

/** `longrecipe.scorer.models`: the folder of a pair, or null for the built-in one. */
export function scorerModelsSetting(): string | null {
  const value = section().get("scorer.models", "").trim();
  return value === "" ? null : value;
}

/** Scores live with the pair in this folder from now on, in every window. */
export async function useScorerModels(folder: string): Promise<void> {
  await section().update("scorer.models", folder, vscode.ConfigurationTarget.Global);
}

/** `longrecipe.device`; a value that is none of its choices counts as `auto`, as the settings editor marks it. */
export function deviceSetting(): Device {
  return devices.find((device) => device === section().get("device")) ?? "auto";
}

/** `longrecipe.runs.notifyWhenDone` */
export function notifyWhenDone(): boolean {
  return section().get("runs.notifyWhenDone", true);
}

/** `longrecipe.costPerHour` with `longrecipe.currency`; null while no cost is set. */
export function price(): { readonly perHour: number; readonly currency: string } | null {
  const perHour = section().get<unknown>("costPerHour");
  if (typeof perHour !== "number" || !(perHour > 0)) return null;
  return { perHour, currency: section().get("currency", "").trim() };
}

function section(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("longrecipe");
}
