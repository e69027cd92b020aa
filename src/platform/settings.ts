/** The settings, typed. */
import * as vscode from "vscode";
import * as z from "zod";

const deviceSchema = z.enum(["auto", "cuda", "mps", "xpu", "cpu"]);
export type Device = z.infer<typeof deviceSchema>;

/** `longrecipe.worker.python`, or null when it is empty. */
export function pythonSetting(): string | null {
  const value = section().get("worker.python", "").trim();
  return value === "" ? null : value;
}

/** `longrecipe.device`; a value that is none of its choices counts as `auto`, as the settings editor marks it. */
export function deviceSetting(): Device {
  return deviceSchema.catch("auto").parse(section().get("device"));
}

/** `longrecipe.runs.notifyWhenDone` */
export function notifyWhenDone(): boolean {
  return section().get("runs.notifyWhenDone", true);
}

function section(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("longrecipe");
}
