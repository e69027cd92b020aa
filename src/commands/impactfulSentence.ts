/** Goes to the next or previous sentence that holds an impactful token. */
import * as vscode from "vscode";
import { cutoffsOf } from "../editor/highlight/editorPainter.js";
import { sentenceFacts } from "../editor/highlight/sentenceFacts.js";
import { impactfulSentence } from "../editor/highlight/sentences.js";
import type { Command, Parts } from "../platform/parts.js";
import { markedEditor } from "./markedEditor.js";

export const nextImpactful: Command = (parts) => go(parts, "next");
export const previousImpactful: Command = (parts) => go(parts, "previous");

async function go(parts: Parts, direction: "next" | "previous"): Promise<void> {
  const found = await markedEditor(parts);
  if (found === null) return;
  const { editor, marks } = found;
  const { document } = editor;
  const { share } = parts.highlights;
  const [threshold = Infinity] = cutoffsOf(marks, share);
  const sentence = impactfulSentence(marks.tokens, marks.firsts, threshold, document.offsetAt(editor.selection.active), direction);
  const facts = sentence === null ? null : sentenceFacts(document, marks, share, sentence);
  if (facts === null) {
    vscode.window.setStatusBarMessage(
      direction === "next"
        ? vscode.l10n.t("No impactful sentence after this one.")
        : vscode.l10n.t("No impactful sentence before this one."),
      4000,
    );
    return;
  }
  const start = document.positionAt(facts.span.start);
  editor.selection = new vscode.Selection(start, start);
  editor.revealRange(new vscode.Range(start, document.positionAt(facts.span.end)), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
