/** Highlighting of impactful tokens in every editor of this window: on or off, from which source, from which rank on. */
import * as vscode from "vscode";
import type { TokenScorer } from "../../protocol/tokenScores.js";
import type { RunStore } from "../../views/runStore.js";
import { Decorations, type Shown } from "./decorations.js";
import { DocumentHighlight, type Sources } from "./documentHighlight.js";
import { paint, ruler } from "./editorPainter.js";
import type { RunScores } from "./runScores.js";
import { shareOf, sourceOf, type HighlightSource } from "./choices.js";
import { logError } from "../../platform/log.js";

const enabledKey = "longrecipe.highlight.enabled";
const shareKey = "longrecipe.highlight.share";
const sourceKey = "longrecipe.highlight.source";
const rulerAfter = 120;

/** Counts of the file in the active editor at the present threshold. */
export interface FileCounts {
  readonly tokens: number;
  readonly impactful: number;
}

/** Gives the live scorer, or says why there is none. */
export type ScorerProvider = () => Promise<TokenScorer | string>;

export class Highlights implements vscode.Disposable, Sources {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when anything about the highlighting changed: choices, states, counts. */
  readonly onDidChange = this.changed.event;
  private readonly documents = new Map<string, DocumentHighlight>();
  private readonly counts = new Map<string, FileCounts>();
  private readonly rulers = new Map<vscode.TextEditor, { cancelled: boolean }>();
  private readonly runs = new Map<string, RunScores>();
  private readonly subscriptions: { dispose(): unknown }[] = [this.changed];
  private decorations: Decorations | null = null;
  /** Milliseconds that the last painting of a viewport took. */
  lastPaint = 0;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly store: RunStore,
    private readonly log: vscode.LogOutputChannel,
    private readonly liveScorer: ScorerProvider,
  ) {
    this.subscriptions.push(
      vscode.window.onDidChangeVisibleTextEditors(() => this.follow()),
      vscode.window.onDidChangeActiveTextEditor(() => this.changed.fire()),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        this.documents.get(textEditor.document.uri.toString())?.scrolled();
        this.paint(textEditor);
      }),
      vscode.workspace.onDidChangeTextDocument((event) => this.documents.get(event.document.uri.toString())?.edited(event)),
      vscode.workspace.onDidSaveTextDocument((document) => this.documents.get(document.uri.toString())?.reload()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.reload()),
      store.onDidChange((run) => {
        // Runs came or went, or one has finished a stage: what had no scores may have some now.
        const done = run === null || run.fresh.some(({ kind }) => kind === "stage");
        if (done) for (const one of this.documents.values()) if (one.state.kind === "none" || one.state.kind === "stale") one.reload();
      }),
    );
    this.setContext();
    this.follow();
  }

  get enabled(): boolean {
    return this.context.workspaceState.get(enabledKey) === true;
  }
  /** Share of the tokens that count as impactful, 0.05 to 0.5. */
  get share(): number {
    return shareOf(this.context.workspaceState.get(shareKey));
  }
  get source(): HighlightSource {
    return sourceOf(this.context.workspaceState.get(sourceKey));
  }

  async setEnabled(enabled: boolean): Promise<void> {
    await this.context.workspaceState.update(enabledKey, enabled);
    this.setContext();
    this.follow();
    this.changed.fire();
  }

  async setShare(share: number): Promise<void> {
    await this.context.workspaceState.update(shareKey, shareOf(share));
    this.repaint();
    this.changed.fire();
  }

  async setSource(source: HighlightSource): Promise<void> {
    await this.context.workspaceState.update(sourceKey, source);
    this.reload();
  }

  /** Reads every shown document's scores again. */
  reload(): void {
    for (const one of this.documents.values()) one.reload();
    this.changed.fire();
  }

  /** The highlighting of a document, where it is on. */
  of(document: vscode.TextDocument | undefined): DocumentHighlight | undefined {
    return document === undefined ? undefined : this.documents.get(document.uri.toString());
  }
  countsOf(document: vscode.TextDocument): FileCounts | undefined {
    return this.counts.get(document.uri.toString());
  }
  /** What was last painted into an editor. */
  shown(editor: vscode.TextEditor): Shown | undefined {
    return this.decorations?.lastShown(editor);
  }

  async runScores(): Promise<readonly RunScores[]> {
    const { RunScores } = await import("./runScores.js");
    const all = this.store.all().map(({ directory, run }) => {
      const known = this.runs.get(directory) ?? new RunScores(directory, run);
      this.runs.set(directory, known);
      return known;
    });
    return all;
  }

  /** The runs that the choice of the source allows. */
  async allowedRuns(): Promise<readonly RunScores[]> {
    const { source } = this;
    if (source.kind === "live") return [];
    const all = await this.runScores();
    return source.kind === "auto" ? all : all.filter(({ directory }) => directory === source.directory);
  }

  async scorer(): Promise<TokenScorer | string> {
    if (this.source.kind === "run") return vscode.l10n.t("The chosen run has not scored this file.");
    if (!vscode.workspace.isTrusted) return vscode.l10n.t("No run has scored this file; live scoring starts only in a trusted workspace.");
    return this.liveScorer();
  }
  visible(document: vscode.TextDocument): { start: number; end: number } {
    const ranges = vscode.window.visibleTextEditors.find((editor) => editor.document === document)?.visibleRanges ?? [];
    const offsets = ranges.flatMap(({ start, end }) => [document.offsetAt(start), document.offsetAt(end)]);
    return offsets.length === 0 ? { start: 0, end: 4_000 } : { start: Math.min(...offsets), end: Math.max(...offsets) };
  }

  dispose(): void {
    for (const one of this.documents.values()) one.dispose();
    this.decorations?.dispose();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Keeps as many documents as are shown. */
  private follow(): void {
    const shown = new Map<string, vscode.TextDocument>();
    if (this.enabled) {
      for (const { document } of vscode.window.visibleTextEditors) if (canHold(document)) shown.set(document.uri.toString(), document);
    }
    for (const [key, one] of this.documents) {
      if (shown.has(key)) continue;
      one.dispose();
      this.documents.delete(key);
      this.counts.delete(key);
    }
    for (const [key, document] of shown) {
      if (this.documents.has(key)) continue;
      const one = new DocumentHighlight(document, this, (error) =>
        this.log.warn(error instanceof Error ? (error.stack ?? error.message) : String(error)),
      );
      one.onDidChange(() => {
        for (const editor of vscode.window.visibleTextEditors) if (editor.document === document) this.paint(editor, true);
        this.changed.fire();
      });
      this.documents.set(key, one);
    }
    this.repaint();
  }

  private repaint(): void {
    for (const editor of vscode.window.visibleTextEditors) this.paint(editor, true);
  }

  private paint(editor: vscode.TextEditor, withRuler = false): void {
    const marks = this.documents.get(editor.document.uri.toString())?.marks ?? null;
    if (marks === null) {
      this.decorations?.clear(editor);
      return;
    }
    this.decorations ??= new Decorations(this.context.extensionUri);
    this.lastPaint = paint(this.decorations, editor, marks, this.share);
    if (withRuler) this.paintRuler(editor);
  }

  private paintRuler(editor: vscode.TextEditor): void {
    const before = this.rulers.get(editor);
    if (before !== undefined) before.cancelled = true;
    const turn = { cancelled: false };
    this.rulers.set(editor, turn);
    setTimeout(() => {
      const marks = this.of(editor.document)?.marks ?? null;
      if (turn.cancelled || marks === null) return;
      ruler(editor.document, marks, this.share, () => turn.cancelled || editor.document.isClosed)
        .then((found) => {
          if (found === null) return;
          this.rulers.delete(editor);
          this.decorations?.showRuler(editor, found.marks);
          this.counts.set(editor.document.uri.toString(), found);
          this.changed.fire();
        })
        .catch((error: unknown) => logError(this.log, error));
    }, rulerAfter);
  }

  private setContext(): void {
    void vscode.commands.executeCommand("setContext", "longrecipe.highlighting", this.enabled);
  }
}

/** Text that people write or read: no output channels, no comparisons with another version. */
function canHold(document: vscode.TextDocument): boolean {
  return document.uri.scheme === "file" || document.uri.scheme === "untitled";
}
