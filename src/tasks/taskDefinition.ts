/** What a task of tasks.json says, and the command line that it stands for. Knows nothing of VS Code. */
import { basename, dirname, isAbsolute, resolve } from "node:path";
import * as z from "zod";

export const taskActions = ["extend", "study", "evaluate"] as const;

export const taskSchema = z.object({
  type: z.literal("longrecipe"),
  action: z.enum(taskActions),
  /** Recipe (or, for a study, study file), relative to the workspace folder. */
  recipe: z.string().min(1),
  /** evaluate: model folder or run directory, relative to the workspace folder. Left out: the recipe's own model. */
  target: z.string().min(1).optional(),
});
export type RecipeTask = z.infer<typeof taskSchema>;

/**
 * @param folder the workspace folder
 * @param ownModel path or hub id of the recipe's own model, for an evaluation without a target
 */
export function taskArguments(task: RecipeTask, folder: string, ownModel: string): string[] {
  const recipe = resolve(folder, task.recipe);
  if (task.action !== "evaluate") return [task.action, recipe];
  const target = task.target === undefined ? ownModel : resolve(folder, task.target);
  return ["evaluate", target, "--recipe", recipe];
}

/** Name in the list of tasks. */
export function taskName(task: RecipeTask): string {
  const file = basename(task.recipe).replace(/\.(longrecipe|longstudy)\.json$/, "");
  return task.target === undefined ? `${task.action} ${file}` : `${task.action} ${basename(task.target)} (${file})`;
}

/** Folder in which a task runs: that of its recipe. */
export function taskFolder(task: RecipeTask, folder: string): string {
  return dirname(isAbsolute(task.recipe) ? task.recipe : resolve(folder, task.recipe));
}
