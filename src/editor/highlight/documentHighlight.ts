/** The highlighting of one document: reads or makes its scores, keeps them at their characters while it is edited. */
import * as vscode from "vscode";
import type { TokenScorer } from "../../protocol/tokenScores.js";
import type { Marks, MarksState } from "./marks.js";
import type { RunMarks } from "./runMarks.js";
import type { RunScores } from "./runScores.js";
import { messageOf } from "../../protocol/errors.js";

/** After the last key press, in milliseconds: scoring what is half typed helps nobody. */
const rescoreAfter = 450;
const rereadAfter = 250;

/** What a document may take its scores from. */
export interface Sources {
  /** The runs to look in, in this order; empty where only live scores are wanted. */
  allowedRuns(): Promise<readonly RunScores[]>;
  /** The live scorer, or why there is none. */
  scorer(): Promise<TokenScorer | string>;
  /** What is in view of a document, as offsets. */
  visible(document: vscode.TextDocument): { start: number; end: number };
}

export class DocumentHighlight implements vscode.Disposable {
  marks: Marks | null = null;
  state: MarksState = { kind: "reading" };
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private work = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private scored: { start: number; end: number } | null = null;

  constructor(
    readonly document: vscode.TextDocument,
    private readonly sources: Sources,
    private readonly fail: (error: unknown) => void,
  ) {
    this.reload();
  }

  /** Reads again from the start: the source, the file or the run may be another one. */
  reload(): void {
    this.schedule(0);
  }

  /** The text was changed: places move at once, scores follow when the typing pauses. */
  edited({ contentChanges, document }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0) return;
    const live = this.marks?.origin.kind === "live" || this.state.kind === "scoring";
    if (live) this.work.abort();
    if (this.marks !== null) {
      const edits = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
        offset: rangeOffset,
        removed: rangeLength,
        inserted: text.length,
      }));
      this.marks = { ...this.marks, tokens: this.marks.tokens.edit(edits) };
      this.changed.fire();
    }
    // A run's scores fit again once the text is that of the file: after undo, revert, or a change on disk.
    if (live || this.state.kind === "none") this.schedule(rescoreAfter);
    else if (!document.isDirty) this.schedule(rereadAfter);
    else if (this.state.kind === "reading") this.schedule(rereadAfter);
  }

  /** Another part came into view. */
  scrolled(): void {
    if (this.scored === null || this.marks?.origin.kind !== "live") return;
    const { start, end } = this.sources.visible(this.document);
    if (start >= this.scored.start && end <= this.scored.end) return;
    this.schedule(rereadAfter);
  }

  dispose(): void {
    this.work.abort();
    if (this.timer !== null) clearTimeout(this.timer);
    this.changed.dispose();
  }

  private schedule(milliseconds: number): void {
    this.work.abort();
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.work = new AbortController();
      const { signal } = this.work;
      this.load(signal).catch((error: unknown) => {
        if (signal.aborted) return;
        this.update(signal, { kind: "none", why: messageOf(error) }, null);
        this.fail(error);
      });
    }, milliseconds);
  }

  private update(signal: AbortSignal, state: MarksState, marks: Marks | null): void {
    if (signal.aborted) return;
    this.state = state;
    this.marks = marks;
    this.changed.fire();
  }

  private async load(signal: AbortSignal): Promise<void> {
    if (this.marks === null) this.update(signal, { kind: "reading" }, null);
    if (this.document.uri.scheme === "file") {
      const found = await this.fromRuns();
      if (signal.aborted) return;
      if (found !== null) {
        this.scored = null;
        this.update(signal, stateOf(found), found.marks);
        return;
      }
    }
    await this.live(signal);
  }

  private async fromRuns() {
    const runs = await this.sources.allowedRuns();
    if (runs.length === 0) return null;
    const { runMarks } = await import("./runMarks.js");
    const eol = this.document.eol === vscode.EndOfLine.LF ? "\n" : "\r\n";
    return runMarks(runs, this.document.uri.fsPath, { text: this.document.getText(), eol });
  }

  private async live(signal: AbortSignal): Promise<void> {
    const scorer = await this.sources.scorer();
    if (typeof scorer === "string") {
      this.update(signal, { kind: "none", why: scorer }, null);
      return;
    }
    const { liveMarks } = await import("./liveMarks.js");
    const text = this.document.getText();
    if (text.trim() === "") {
      this.update(signal, { kind: "none", why: vscode.l10n.t("There is no text to score.") }, null);
      return;
    }
    this.update(signal, { kind: "scoring", done: 0 }, this.marks);
    for await (const { marks, done, window } of liveMarks(scorer, text, this.sources.visible(this.document), signal)) {
      this.scored = window;
      this.update(signal, done < 1 ? { kind: "scoring", done } : { kind: "ready" }, marks);
    }
    this.update(signal, { kind: "ready" }, this.marks);
  }
}

function stateOf({ marks, markable }: RunMarks): MarksState {
  if (markable) return marks !== null && !marks.stale ? { kind: "ready" } : { kind: "stale" };
  const why = vscode.l10n.t(
    "A run has scored this file, but files of this format are not marked: tables such as CSV or Parquet, and JSON Lines beyond 20 MB. Live scores can be chosen.",
  );
  return { kind: "none", why, unsupported: true };
}
