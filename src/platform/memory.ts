/** What VS Code keeps for us between windows, checked when it is read: an older version may have written something else. */
import type * as vscode from "vscode";

/** A list of strings; empty when there is none. */
export function readStrings(memory: vscode.Memento, key: string): string[] {
  const value: unknown = memory.get(key);
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Strings by name; empty when there are none. */
export function readStringMap(memory: vscode.Memento, key: string): Record<string, string> {
  const value: unknown = memory.get(key);
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
