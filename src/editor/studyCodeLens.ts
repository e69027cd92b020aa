/** "▶ Run study" and, where there is one, "Open study report" above a study. */
import * as vscode from "vscode";

export const studySelector: vscode.DocumentSelector = [
  { scheme: "file", pattern: "**/*.longstudy.json" },
  { scheme: "file", pattern: "**/*.longrecipe.json" },
];

export class StudyCodeLens implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly subscriptions: { dispose(): unknown }[];

  constructor() {
    const reports = vscode.workspace.createFileSystemWatcher("**/.longrecipe/studies/*/study.md", false, true, false);
    this.subscriptions = [
      this.changed,
      reports,
      reports.onDidCreate(() => this.changed.fire()),
      reports.onDidDelete(() => this.changed.fire()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed.fire()),
    ];
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    // Not before a study or recipe is looked at.
    const { holdsStudy, studyOf, studyReport } = await import("./studyFiles.js");
    if (!holdsStudy(document)) return [];
    const at = document.positionAt(studyOf(document.getText()) ?? 0);
    const lens = (title: string, command: string): vscode.CodeLens =>
      new vscode.CodeLens(new vscode.Range(at, at), { title, command, arguments: [document.uri] });
    return [
      ...(vscode.workspace.isTrusted ? [lens(vscode.l10n.t("▶ Run study"), "longrecipe.runStudy")] : []),
      ...(studyReport(document) === null ? [] : [lens(vscode.l10n.t("Open study report"), "longrecipe.openStudy")]),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }
}
