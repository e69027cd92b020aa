/** Everything wrong with a recipe, marked where it stands, all at once, while it is typed and before it is run. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { Problem } from "../protocol/errors.js";
import type { CheckedRecipe } from "./recipeCheck.js";
import { isRecipe } from "./recipeFiles.js";

/** A pause in typing, in milliseconds. */
const PAUSE_MS = 300;

export class RecipeDiagnostics implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection("longrecipe");
  /** What runners found out about a text; forgotten when the text changes. */
  private readonly foundByRuns = new Map<string, { readonly text: string; readonly problems: readonly Problem[] }>();
  private readonly pending = new Map<string, NodeJS.Timeout>();
  private readonly subscriptions: { dispose(): unknown }[];

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.subscriptions = [
      this.collection,
      vscode.workspace.onDidOpenTextDocument((document) => this.later(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.later(document, PAUSE_MS)),
      vscode.workspace.onDidCloseTextDocument((document) => this.collection.delete(document.uri)),
    ];
    for (const document of vscode.workspace.textDocuments) this.later(document, 0);
  }

  /** Checks the document now and marks what is wrong. @returns the recipe, or every problem. */
  async check(document: vscode.TextDocument): Promise<CheckedRecipe> {
    const text = document.getText();
    // Loaded with the first recipe: most windows have none.
    const { checkText, mark } = await import("./recipeCheck.js");
    const checked = await checkText(text, dirname(document.uri.fsPath));
    const found = this.foundByRuns.get(document.uri.toString());
    this.collection.set(document.uri, mark(document, text, [...checked.problems, ...(found?.text === text ? found.problems : [])]));
    return checked;
  }

  /** Marks what a run's fault says of its recipe: runners look at the models themselves, which the editor cannot. */
  async showFault(recipeFile: string, message: string): Promise<void> {
    const { problemsIn } = await import("./recipeCheck.js");
    const problems = problemsIn(message);
    if (problems.length === 0) return;
    const document = await vscode.workspace.openTextDocument(recipeFile);
    this.foundByRuns.set(document.uri.toString(), { text: document.getText(), problems });
    await this.check(document);
  }

  /** A new run will look for itself. */
  forgetFault(recipeFile: vscode.Uri): void {
    this.foundByRuns.delete(recipeFile.toString());
  }

  dispose(): void {
    for (const timer of this.pending.values()) clearTimeout(timer);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private later(document: vscode.TextDocument, wait: number): void {
    if (!isRecipe(document.uri)) return;
    const key = document.uri.toString();
    clearTimeout(this.pending.get(key));
    this.pending.set(
      key,
      setTimeout(() => {
        this.pending.delete(key);
        if (!document.isClosed) this.check(document).catch((error: unknown) => this.log.error(String(error)));
      }, wait),
    );
  }
}
