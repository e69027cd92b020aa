/** The decoration types of highlighting: a fixed set, made once, in colours that themes can change. */
import * as vscode from "vscode";
import { levels } from "./ranks.js";
import type { Anchor, Tint } from "./viewport.js";

/** Widths of the line below a token by level: in high contrast it tells the levels apart, elsewhere it has no colour. */
const underlines = ["1px", "1px", "2px", "2px", "3px"];

/** A stretch of the file for the overview ruler; `weight` from 1 to `rulerWeights`. */
export interface RulerMark {
  readonly range: vscode.Range;
  readonly weight: number;
}
export const rulerWeights = 3;

/** What was last set in an editor, for tests. */
export interface Shown {
  readonly tints: readonly (Tint & { readonly range: vscode.Range })[];
  readonly anchors: readonly (Anchor & { readonly line: number })[];
  readonly ruler: readonly RulerMark[];
}
export const nothingShown: Shown = { tints: [], anchors: [], ruler: [] };

export class Decorations implements vscode.Disposable {
  private readonly tints: readonly vscode.TextEditorDecorationType[];
  private readonly staleTints: readonly vscode.TextEditorDecorationType[];
  private readonly anchor: vscode.TextEditorDecorationType;
  private readonly staleAnchor: vscode.TextEditorDecorationType;
  private readonly ruler: readonly vscode.TextEditorDecorationType[];
  private readonly shown = new WeakMap<vscode.TextEditor, Shown>();

  constructor(extensionUri: vscode.Uri) {
    const each = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at + 1));
    this.tints = each(levels, (level) => tintType(`longrecipe.significanceLevel${String(level)}`, underlines[level - 1] ?? "1px", "solid"));
    // Two shades are enough for what is no longer sure.
    this.staleTints = each(2, (half) => tintType(`longrecipe.significanceStale${String(half)}`, "1px", "dotted"));
    this.anchor = gutterType(extensionUri, "anchor");
    this.staleAnchor = gutterType(extensionUri, "anchor-stale");
    this.ruler = each(rulerWeights, (weight) =>
      vscode.window.createTextEditorDecorationType({
        overviewRulerLane: vscode.OverviewRulerLane.Center,
        overviewRulerColor: new vscode.ThemeColor(`longrecipe.significanceRuler${String(weight)}`),
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      }),
    );
  }

  /** Marks tokens and anchors. @param tints,anchors with the places they have in the editor */
  show(editor: vscode.TextEditor, tints: Shown["tints"], anchors: Shown["anchors"]): void {
    this.tints.forEach((type, at) => {
      editor.setDecorations(
        type,
        rangesOf(tints, ({ level, stale }) => !stale && level === at + 1),
      );
    });
    this.staleTints.forEach((type, at) => {
      editor.setDecorations(
        type,
        rangesOf(tints, ({ level, stale }) => stale && (level > 2 ? 1 : 0) === at),
      );
    });
    const lines = (stale: boolean): vscode.Range[] =>
      anchors.filter((anchor) => anchor.stale === stale).map(({ line }) => new vscode.Range(line, 0, line, 0));
    editor.setDecorations(this.anchor, lines(false));
    editor.setDecorations(this.staleAnchor, lines(true));
    this.shown.set(editor, { ...this.lastShown(editor), tints, anchors });
  }

  /** Marks the overview ruler. */
  showRuler(editor: vscode.TextEditor, ruler: readonly RulerMark[]): void {
    this.ruler.forEach((type, at) => {
      editor.setDecorations(
        type,
        rangesOf(ruler, ({ weight }) => weight === at + 1),
      );
    });
    this.shown.set(editor, { ...this.lastShown(editor), ruler });
  }

  clear(editor: vscode.TextEditor): void {
    if (!this.shown.has(editor)) return;
    this.show(editor, [], []);
    this.showRuler(editor, []);
    this.shown.delete(editor);
  }

  /** What was last set. */
  lastShown(editor: vscode.TextEditor): Shown {
    return this.shown.get(editor) ?? nothingShown;
  }

  dispose(): void {
    vscode.Disposable.from(...this.tints, ...this.staleTints, this.anchor, this.staleAnchor, ...this.ruler).dispose();
  }
}

function tintType(color: string, width: string, style: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor(color),
    borderWidth: `0 0 ${width} 0`,
    borderStyle: style,
    borderColor: new vscode.ThemeColor("longrecipe.significanceUnderline"),
    // What is typed at a token's border is not part of it.
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
}

function gutterType(extensionUri: vscode.Uri, name: string): vscode.TextEditorDecorationType {
  const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, "media", "highlight", `${name}-${theme}.svg`);
  return vscode.window.createTextEditorDecorationType({
    gutterIconSize: "contain",
    light: { gutterIconPath: icon("light") },
    dark: { gutterIconPath: icon("dark") },
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
}

function rangesOf<T extends { readonly range: vscode.Range }>(marks: readonly T[], fits: (mark: T) => boolean): vscode.Range[] {
  return marks.filter(fits).map(({ range }) => range);
}
