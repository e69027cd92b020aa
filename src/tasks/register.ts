/** Tasks of type `longrecipe`; what makes them is loaded when VS Code asks for tasks. */
import * as vscode from "vscode";
import type { Parts } from "../platform/parts.js";

export const TASK_TYPE = "longrecipe";

export function registerTasks(parts: Pick<Parts, "context">): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TASK_TYPE, {
    provideTasks: async () => (await import("./recipeTasks.js")).provideTasks(parts),
    resolveTask: async (task) => (await import("./recipeTasks.js")).resolveTask(parts, task),
  });
}
