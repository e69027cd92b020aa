/** The active editor with its marks, for commands about them; turns highlighting on where it is off. */
import * as vscode from "vscode";
import type { DocumentHighlight } from "../editor/highlight/documentHighlight.js";
import type { Marks } from "../editor/highlight/marks.js";
import type { Parts } from "../platform/parts.js";

const waitFor = 5000;

export interface MarkedEditor {
  readonly editor: vscode.TextEditor;
  readonly highlight: DocumentHighlight;
  readonly marks: Marks;
}

/** @returns null where there is no editor or no scores, having said so. */
export async function markedEditor({ highlights }: Pick<Parts, "highlights">): Promise<MarkedEditor | null> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    vscode.window.setStatusBarMessage(vscode.l10n.t("Open a text file first."), 4000);
    return null;
  }
  if (!highlights.enabled) await highlights.setEnabled(true);
  const highlight = highlights.of(editor.document);
  if (highlight !== undefined) await settled(highlight);
  if (highlight?.marks == null) {
    const why = highlight?.state.kind === "none" ? highlight.state.why : vscode.l10n.t("There are no scores for this file.");
    vscode.window.setStatusBarMessage(`$(circle-slash) ${why}`, 6000);
    return null;
  }
  return { editor, highlight, marks: highlight.marks };
}

/** Waits until the first marks are there, or it is known that there are none. */
function settled(highlight: DocumentHighlight): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (highlight.marks === null && (highlight.state.kind === "reading" || highlight.state.kind === "scoring")) return;
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const timer = setTimeout(() => {
      subscription.dispose();
      resolve();
    }, waitFor);
    const subscription = highlight.onDidChange(check);
    check();
  });
}
