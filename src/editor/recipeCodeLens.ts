/** "▶ Run", "Validate" and, where there is one, "Open dashboard" above the first line of a recipe. */
import * as vscode from "vscode";
import { runStatusText } from "../views/runStatus.js";
import type { RunStore } from "../views/runStore.js";

export class RecipeCodeLens implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly subscriptions: { dispose(): unknown }[];
  /** What the lenses said last, so that a running run does not redraw them four times a second. */
  private shown = "";

  constructor(private readonly store: RunStore) {
    this.subscriptions = [
      this.changed,
      store.onDidChange(() => {
        const now = JSON.stringify(store.all().map((run) => [run.directory, run.status]));
        if (now !== this.shown) this.changed.fire();
        this.shown = now;
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed.fire()),
    ];
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const range = new vscode.Range(0, 0, 0, 0);
    const lens = (title: string, command: string, argument: unknown): vscode.CodeLens =>
      new vscode.CodeLens(range, { title, command, arguments: [argument] });
    const lenses: vscode.CodeLens[] = [];
    if (vscode.workspace.isTrusted) lenses.push(lens(vscode.l10n.t("▶ Run"), "longrecipe.runRecipe", document.uri));
    lenses.push(lens(vscode.l10n.t("Validate"), "longrecipe.validateRecipe", document.uri));
    const run = this.store.latestOf(document.uri.fsPath);
    if (run !== undefined) {
      lenses.push(lens(vscode.l10n.t("Open dashboard ({0})", runStatusText(run.status)), "longrecipe.openDashboard", { kind: "run", run }));
      if (run.isResumable && vscode.workspace.isTrusted) {
        lenses.push(lens(vscode.l10n.t("Resume"), "longrecipe.resumeRun", { kind: "run", run }));
      }
    }
    return lenses;
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }
}
