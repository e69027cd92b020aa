/** Keys of servers: their values in VS Code's secret storage, their names (which no storage of it lists) beside them. */
import process from "node:process";
import type * as vscode from "vscode";
import type { Recipe } from "../protocol/recipe.js";
import { keyVariable, missingKeys, neededKeys } from "../runner/server/key.js";
import { readStrings } from "./memory.js";

const NAMES = "longrecipe.serverKeys";

type Storage = Pick<vscode.ExtensionContext, "globalState" | "secrets">;

/** Names of the keys that are kept, sorted. */
export function serverKeyNames({ globalState }: Storage): string[] {
  return readStrings(globalState, NAMES).sort();
}

export function serverKey({ secrets }: Storage, name: string): Thenable<string | undefined> {
  return secrets.get(secretOf(name));
}

export async function keepServerKey(storage: Storage, name: string, key: string): Promise<void> {
  await storage.secrets.store(secretOf(name), key);
  await storage.globalState.update(NAMES, [...new Set([...serverKeyNames(storage), name])]);
}

export async function forgetServerKey(storage: Storage, name: string): Promise<void> {
  await storage.secrets.delete(secretOf(name));
  await storage.globalState.update(
    NAMES,
    serverKeyNames(storage).filter((known) => known !== name),
  );
}

/**
 * The environment of a runner that evaluates these recipes: their keys and no others.
 * @throws UserError for all that are neither kept nor in this window's own environment
 */
export async function keyEnvironment(storage: Storage, ...recipes: readonly Pick<Recipe, "evaluation">[]): Promise<Record<string, string>> {
  const environment: Record<string, string> = {};
  const missing: string[] = [];
  for (const name of new Set(recipes.flatMap((recipe) => neededKeys(recipe)))) {
    const variable = keyVariable(name);
    const key = (await serverKey(storage, name)) ?? process.env[variable];
    if (key === undefined || key.trim() === "") missing.push(name);
    else environment[variable] = key;
  }
  if (missing.length > 0) throw missingKeys(missing);
  return environment;
}

function secretOf(name: string): string {
  return `longrecipe.server.${name}`;
}
