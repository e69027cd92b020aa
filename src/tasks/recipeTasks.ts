/** Tasks that run recipes, studies and evaluations in a terminal, by the same command line as everywhere. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import * as vscode from "vscode";
import { environmentRoot } from "../platform/environment.js";
import { findInWorkspace } from "../platform/find.js";
import type { Parts } from "../platform/parts.js";
import { pythonSetting } from "../platform/settings.js";
import { parseRecipe } from "../recipe/parse.js";
import { resolveModel } from "../runner/modelPath.js";
import { taskArguments, taskFolder, taskName, taskSchema, type RecipeTask } from "./taskDefinition.js";

const SOURCE = "longrecipe";
const MATCHER = "$longrecipe";

/** One to extend and one to evaluate for every recipe, one for every study. Nothing in a workspace that is not trusted. */
export async function provideTasks(parts: Pick<Parts, "context">): Promise<vscode.Task[]> {
  if (!vscode.workspace.isTrusted) return [];
  const files = await findInWorkspace(["**/*.longrecipe.json", "**/*.longstudy.json"]);
  const tasks = files.flatMap((file) => {
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file));
    if (folder === undefined) return [];
    const recipe = vscode.workspace.asRelativePath(file, false);
    const actions = file.endsWith(".longstudy.json") ? (["study"] as const) : (["extend", "evaluate"] as const);
    return actions.map((action) => make(parts, folder, { type: "longrecipe", action, recipe }));
  });
  return Promise.all(tasks);
}

/** A task as tasks.json has it, made runnable; undefined for one that is not as it must be. */
export async function resolveTask(parts: Pick<Parts, "context">, task: vscode.Task): Promise<vscode.Task | undefined> {
  const definition = taskSchema.safeParse(task.definition).data;
  const folder = typeof task.scope === "object" ? task.scope : vscode.workspace.workspaceFolders?.[0];
  if (definition === undefined || folder === undefined || !vscode.workspace.isTrusted) return undefined;
  // VS Code insists on the very definition object that it gave.
  return make(parts, folder, definition, task.definition);
}

async function make(
  parts: Pick<Parts, "context">,
  folder: vscode.WorkspaceFolder,
  task: RecipeTask,
  definition: vscode.TaskDefinition = task,
): Promise<vscode.Task> {
  const runner = vscode.Uri.joinPath(parts.context.extensionUri, "dist", "runner.js").fsPath;
  const ownModel = task.action === "evaluate" && task.target === undefined ? await modelOf(resolve(folder.uri.fsPath, task.recipe)) : "";
  const python = pythonSetting();
  const execution = new vscode.ProcessExecution(process.execPath, [runner, ...taskArguments(task, folder.uri.fsPath, ownModel)], {
    cwd: taskFolder(task, folder.uri.fsPath),
    env: {
      // In the desktop window execPath is Electron, which this variable turns into plain Node.
      ...(process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: "1" }),
      ...(python === null ? {} : { LONGRECIPE_PYTHON: python }),
      LONGRECIPE_CACHE: await environmentRoot(parts),
    },
  });
  const made = new vscode.Task(definition, folder, taskName(task), SOURCE, execution, [MATCHER]);
  made.detail = vscode.l10n.t("longrecipe {0} {1}", task.action, task.recipe);
  return made;
}

/** The model of a recipe; its name as it is written where the recipe cannot be read, which the command line then tells. */
async function modelOf(recipe: string): Promise<string> {
  const parsed = parseRecipe(await readFile(recipe, "utf8"));
  return "recipe" in parsed ? resolveModel(dirname(recipe), parsed.recipe.model) : recipe;
}
