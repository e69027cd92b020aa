/** The view "Evaluation" of the side bar; what it needs is loaded when it is first shown. */
import * as vscode from "vscode";
import type { Parts } from "../platform/parts.js";

export const EVALUATION_VIEW = "longrecipe.evaluation";

export function registerEvaluationView(parts: Pick<Parts, "context" | "log" | "store">): vscode.Disposable {
  const provider = {
    async resolveWebviewView(view: vscode.WebviewView): Promise<void> {
      const { EvaluationViewHost } = await import("./evaluationViewHost.js");
      new EvaluationViewHost(view, parts);
    },
  };
  // A page that is thrown away and asked for again within moments can stay empty (VS Code 1.100); this one is small.
  return vscode.window.registerWebviewViewProvider(EVALUATION_VIEW, provider, { webviewOptions: { retainContextWhenHidden: true } });
}
