/** Before a runner starts that may run programs written by models: asked once for each content of a recipe. */
import * as vscode from "vscode";
import { readStrings } from "../platform/memory.js";
import type { Parts } from "../platform/parts.js";
import type { Recipe } from "../protocol/recipe.js";
import { hashOf } from "../runner/cacheKey.js";

const CONSENTS = "longrecipe.codeConsents";
/** So many contents are remembered. */
const MAXIMUM = 200;

/** @returns whether the runner may start; true without a question where nothing of the kind is asked for */
export async function mayRunCode({ context }: Pick<Parts, "context">, ...recipes: readonly Recipe[]): Promise<boolean> {
  const running = recipes.filter(({ evaluation: { ability } }) => ability.enabled && ability.allowCode);
  if (running.length === 0) return true;
  const tasks = [...new Set(running.flatMap(({ evaluation }) => evaluation.ability.tasks))];
  const content = hashOf(running);
  const given = readStrings(context.workspaceState, CONSENTS);
  if (given.includes(content)) return true;
  const run = vscode.l10n.t("Run Their Programs");
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t("This recipe runs programs that the models write on this machine."),
    {
      modal: true,
      detail: vscode.l10n.t(
        "evaluation.ability.allowCode is on (tasks: {0}). The programs run in a process of their own with limits of time, memory and files, but as you. Nothing starts if you cancel. You are asked again when the recipe changes.",
        tasks.join(", "),
      ),
    },
    run,
  );
  if (choice !== run) return false;
  await context.workspaceState.update(CONSENTS, [...given, content].slice(-MAXIMUM));
  return true;
}
