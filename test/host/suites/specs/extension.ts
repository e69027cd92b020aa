/** What the specs share: the extension under test, and waiting for what comes in its own time. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import type { ExtensionApi } from "../../../../src/extension.js";

export const EXTENSION = "longrecipe.longrecipe";

export function extension(): vscode.Extension<ExtensionApi> {
  const found = vscode.extensions.getExtension<ExtensionApi>(EXTENSION);
  assert.ok(found, `${EXTENSION} is not installed`);
  return found;
}

/** The active extension, its first look at the workspace done. */
export async function activated(): Promise<ExtensionApi> {
  const api = await extension().activate();
  await api.discovered;
  return api;
}

/** Waits until `probe` gives something other than undefined, null or false. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs = 15_000,
): Promise<Exclude<T, undefined | null | false>> {
  for (const deadline = Date.now() + timeoutMs; ;) {
    const value = await probe();
    if (value !== undefined && value !== null && value !== false) return value as Exclude<T, undefined | null | false>;
    if (Date.now() > deadline) throw new Error(`did not happen within ${String(timeoutMs / 1000)} s: ${what}`);
    await sleep(100);
  }
}

/** The first workspace folder. */
export function workspace(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, "no folder is open");
  return folder.uri;
}

export function inWorkspace(...path: string[]): vscode.Uri {
  return vscode.Uri.joinPath(workspace(), ...path);
}
