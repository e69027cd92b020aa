/** Context keys that decide which commands the palette offers. */
import * as vscode from "vscode";
import type { RunStore } from "./runStore.js";

export function keepContextKeys(store: RunStore): vscode.Disposable {
  const told = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (told.get(key) === value) return;
    told.set(key, value);
    void vscode.commands.executeCommand("setContext", key, value);
  };
  return store.onDidChange(() => {
    const runs = store.all();
    set("longrecipe.hasRuns", runs.length > 0);
    set(
      "longrecipe.hasRunning",
      runs.some((run) => run.isActive),
    );
    set(
      "longrecipe.hasResumable",
      runs.some((run) => run.isResumable),
    );
  });
}
