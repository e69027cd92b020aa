/** Keys of servers. They come by the environment and go into one request header: nothing else may ever hold one. */
import { exitCode, UserError } from "../../protocol/errors.js";
import type { Recipe } from "../../protocol/recipe.js";
import type { ServerSpec } from "../../protocol/recipe/models.js";

const prefix = "LONGRECIPE_KEY_";

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable of a key: `my-server.1` is LONGRECIPE_KEY_MY_SERVER_1. */
export function keyVariable(name: string): string {
  return prefix + name.toUpperCase().replace(/[^A-Z0-9]/gu, "_");
}

/** The key that a server wants; undefined where it wants none. @throws UserError when it is not there */
export function keyOf(server: Pick<ServerSpec, "key">, environment: Environment): string | undefined {
  if (server.key === undefined) return undefined;
  const key = environment[keyVariable(server.key)]?.trim() ?? "";
  if (key === "") throw missingKeys([server.key]);
  return key;
}

/** The keys that a recipe's evaluation needs, by name. */
export function neededKeys(recipe: Pick<Recipe, "evaluation">): string[] {
  const { models, longBench } = recipe.evaluation;
  const servers = [...models.map(({ server }) => server), ...longBench.map(({ judge }) => judge)];
  return [...new Set(servers.flatMap((server) => server?.key ?? []))].sort();
}

/** Before anything starts: one message for all keys that are not there. @throws UserError */
export function requireKeys(recipe: Pick<Recipe, "evaluation">, environment: Environment): void {
  const missing = neededKeys(recipe).filter((name) => (environment[keyVariable(name)]?.trim() ?? "") === "");
  if (missing.length > 0) throw missingKeys(missing);
}

export function missingKeys(names: readonly string[]): UserError {
  const variables = names.map(keyVariable).join(", ");
  return new UserError(
    "server-key-missing",
    `The evaluation needs ${names.length === 1 ? "the key" : "keys"} ${names.join(", ")} for its servers, and ${names.length === 1 ? "it is" : "they are"} not there.`,
    `In VS Code: LongRecipe: Set Server Key. On the command line: set ${variables} in the environment.`,
    exitCode.badInput,
  );
}

/** For child processes that have no use for keys: overwrites every key of an environment with nothing. */
export function withoutKeys(environment: Environment): Record<string, undefined> {
  const names = Object.keys(environment).filter((name) => name.toUpperCase().startsWith(prefix));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** A text from outside, in which the key must not stand. */
export function redacted(text: string, key: string | undefined): string {
  return key === undefined || key === "" ? text : text.replaceAll(key, "[key]");
}
