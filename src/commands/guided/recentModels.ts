/** Models used lately, across workspaces. */
import type * as vscode from "vscode";
import { readStrings } from "../../platform/memory.js";

const KEY = "longrecipe.recentModels";
const MAXIMUM = 5;

/** Folders and hub ids, the latest first. */
export function recentModels(memory: vscode.Memento): string[] {
  return readStrings(memory, KEY);
}

export async function rememberModel(memory: vscode.Memento, model: string): Promise<void> {
  await memory.update(KEY, [model, ...recentModels(memory).filter((known) => known !== model)].slice(0, MAXIMUM));
}
