/** From the lines of an editor to offsets and back. */
import * as vscode from "vscode";
import type { Span } from "./viewport.js";

/** Lines above and below the visible ones that are marked too, so that scrolling a little shows no gap. */
const marginLines = 40;
/** VS Code shows no more of a line. */
const shownOfLine = 10_000;

/** What is in view, and a margin, as ascending disjoint offsets. */
export function spansInView(editor: vscode.TextEditor): Span[] {
  const { document } = editor;
  const spans: Span[] = [];
  let next = 0;
  for (const range of [...editor.visibleRanges].sort((a, b) => a.start.line - b.start.line)) {
    const first = Math.max(next, range.start.line - marginLines);
    const last = Math.min(document.lineCount - 1, range.end.line + marginLines);
    for (let line = first; line <= last; line++) {
      const start = document.offsetAt(new vscode.Position(line, 0));
      const length = document.lineAt(line).text.length;
      const previous = spans.at(-1);
      const end = start + Math.min(shownOfLine, length);
      if (previous !== undefined && start - previous.end <= 2) spans[spans.length - 1] = { start: previous.start, end };
      else spans.push({ start, end });
    }
    next = Math.max(next, last + 1);
  }
  return spans;
}

/** Positions of ascending offsets: one look-up a line instead of one an offset. */
export class LineWalker {
  private line = 0;
  private start = 0;
  private end = -1;

  constructor(private readonly document: vscode.TextDocument) {}

  position(offset: number): vscode.Position {
    if (offset < this.start || offset >= this.end) {
      const found = this.document.positionAt(offset);
      this.line = found.line;
      this.start = offset - found.character;
      this.end = this.start + this.document.lineAt(found.line).text.length + 1;
      return found;
    }
    return new vscode.Position(this.line, offset - this.start);
  }

  range({ start, end }: Span): vscode.Range {
    return new vscode.Range(this.position(start), this.position(end));
  }
}

export function textOf(document: vscode.TextDocument, { start, end }: Span): string {
  return document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end)));
}

/** A span without the blanks around its text. */
export function trimmed(document: vscode.TextDocument, { start, end }: Span): Span {
  const text = textOf(document, { start, end });
  const lead = text.length - text.trimStart().length;
  return lead === text.length ? { start, end } : { start: start + lead, end: start + text.trimEnd().length };
}
