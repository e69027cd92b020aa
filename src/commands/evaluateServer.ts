/** "Evaluate Server": a model behind an OpenAI-compatible server joins the tables of a recipe's evaluation. */
import { basename, dirname } from "node:path";
import { applyEdits, modify, parse } from "jsonc-parser";
import * as vscode from "vscode";
import * as z from "zod";
import { findInWorkspace } from "../platform/find.js";
import type { Command, Parts } from "../platform/parts.js";
import { requireTrust } from "../platform/trust.js";
import { exitCode, UserError } from "../protocol/errors.js";
import { parseRecipe } from "../recipe/parse.js";
import { resolveModel } from "../runner/modelPath.js";
import { askAddress, askApi, askKey, askModel, askName, completeServer, furtherModel, type ServerDraft } from "./guided/serverSteps.js";
import { pick, runSteps, type Outcome, type StepPlace } from "./guided/steps.js";
import { startAgain, startEvaluation } from "./launch.js";

interface Answers extends ServerDraft {
  /** The recipe file whose evaluation it joins. */
  readonly recipe: string;
}

export const evaluateServer: Command = async (parts) => {
  requireTrust();
  const recipes = await findInWorkspace(["**/*.longrecipe.json"]);
  if (recipes.length === 0) {
    throw new UserError(
      "no-recipe",
      vscode.l10n.t("There is no recipe in this workspace whose evaluation a server could join."),
      vscode.l10n.t('"LongRecipe: Evaluate Checkpoint" or "LongRecipe: Extend Context" makes one.'),
      exitCode.badInput,
    );
  }
  const answers = await runSteps<Answers>(vscode.l10n.t("Evaluate a Server"), {}, [
    (_, place) => askRecipe(recipes, place),
    askAddress,
    askApi,
    (draft, place) => askKey(parts.context, draft, place),
    (draft, place) => askModel(parts.context, draft, place),
    askName,
  ]);
  if (answers?.recipe === undefined) return;
  const file = vscode.Uri.file(answers.recipe);
  if (await addServer(file, completeServer(answers))) await evaluate(parts, file);
};

async function askRecipe(recipes: readonly string[], place: StepPlace): Promise<Outcome<Partial<Answers>>> {
  const outcome = await pick(place, {
    placeholder: vscode.l10n.t("Which recipe's evaluation shall the server join?"),
    items: recipes.map((path) => ({
      label: `$(json) ${basename(path)}`,
      description: vscode.workspace.asRelativePath(dirname(path)),
      path,
    })),
  });
  return outcome.kind === "next" ? { kind: "next", value: { recipe: outcome.value.path } } : outcome;
}

const listed = z.object({ evaluation: z.object({ models: z.array(z.looseObject({ name: z.string() })) }) });

/** The recipe with the server among its further models: in the place of one of the same name, else as the last. */
export function withServer(text: string, server: ServerDraft, indent: { tabSize: number; insertSpaces: boolean }): string {
  const known = listed.safeParse(parse(text)).data?.evaluation.models ?? [];
  const place = known.findIndex(({ name }) => name === server.name);
  const path = ["evaluation", "models"];
  const edits =
    known.length === 0
      ? modify(text, path, [furtherModel(server)], { formattingOptions: indent })
      : modify(text, [...path, place < 0 ? known.length : place], furtherModel(server), {
          formattingOptions: indent,
          isArrayInsertion: place < 0,
        });
  return applyEdits(text, edits);
}

/** @returns whether it is in the file; the change can be undone like any other */
async function addServer(file: vscode.Uri, server: ServerDraft): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(file);
  const before = document.getText();
  const after = withServer(before, server, { tabSize: 2, insertSpaces: true });
  if (after !== before) {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(file, new vscode.Range(document.positionAt(0), document.positionAt(before.length)), after);
    if (!(await vscode.workspace.applyEdit(edit))) return false;
  }
  return document.save();
}

/** The latest finished run of the recipe once more; where there is none, the recipe's own model beside the server. */
async function evaluate(parts: Parts, file: vscode.Uri): Promise<void> {
  const run = parts.store.all().find((known) => known.status === "completed" && known.run.recipeFile === file.fsPath);
  if (run !== undefined && !run.isActive) {
    await startAgain(parts, run, "evaluate");
    return;
  }
  const parsed = parseRecipe((await vscode.workspace.openTextDocument(file)).getText());
  const model = "recipe" in parsed ? await resolveModel(dirname(file.fsPath), parsed.recipe.model) : "model";
  await startEvaluation(parts, model, file);
}
