/** Writes the sentences of the file that hold impactful tokens to a new document: as text, or with their figures as JSON Lines. */
import * as vscode from "vscode";
import { sentenceFacts, type SentenceFacts } from "../editor/highlight/sentenceFacts.js";
import { countSentence } from "../editor/highlight/sentences.js";
import { cutoffsOf } from "../editor/highlight/editorPainter.js";
import { pause } from "../editor/highlight/pause.js";
import type { Command } from "../platform/parts.js";
import { markedEditor, type MarkedEditor } from "./markedEditor.js";

export const exportSelection: Command = async (parts, argument) => {
  const found = await markedEditor(parts);
  if (found === null) return;
  const format = argument === "text" || argument === "jsonl" ? argument : await chooseFormat();
  if (format === null) return;
  const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Gathering the selection") };
  const content = await vscode.window.withProgress(options, () => gather(found, parts.highlights.share, format));
  if (content === "") {
    vscode.window.setStatusBarMessage(vscode.l10n.t("No sentence of this file holds an impactful token."), 4000);
    return;
  }
  const language = format === "jsonl" ? "jsonl" : found.editor.document.languageId;
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }), { preview: false });
};

async function chooseFormat(): Promise<"text" | "jsonl" | null> {
  const text = {
    label: `$(file-text) ${vscode.l10n.t("Text")}`,
    detail: vscode.l10n.t("The kept sentences in their order."),
    format: "text" as const,
  };
  const lines = {
    label: `$(json) ${vscode.l10n.t("JSON Lines")}`,
    detail: vscode.l10n.t("A line a sentence: text, place, impactful tokens, samples that hold it."),
    format: "jsonl" as const,
  };
  const picked = await vscode.window.showQuickPick([text, lines], { title: vscode.l10n.t("Export the selection of this file") });
  return picked?.format ?? null;
}

async function gather({ editor, marks }: MarkedEditor, share: number, format: "text" | "jsonl"): Promise<string> {
  const { document } = editor;
  const parts: string[] = [];
  const [threshold = Infinity] = cutoffsOf(marks, share);
  let end = 0;
  for (let sentence = 0; sentence < marks.firsts.length; sentence++) {
    if (sentence % 2000 === 0) await pause();
    if (countSentence(marks.tokens.tokens, marks.firsts, threshold, sentence).impactful === 0) continue;
    const facts = sentenceFacts(document, marks, share, sentence);
    if (facts === null) continue;
    if (format === "jsonl") {
      parts.push(`${JSON.stringify(await rowOf(document, marks, facts))}\n`);
      continue;
    }
    // Paragraphs stay apart, whatever was left out between them.
    const between = document.getText(new vscode.Range(document.positionAt(end), document.positionAt(facts.span.start)));
    parts.push(parts.length === 0 ? "" : /\n\s*\n/u.test(between) ? "\n\n" : between.includes("\n") ? "\n" : " ", facts.text);
    end = facts.span.end;
  }
  return format === "text" && parts.length > 0 ? `${parts.join("")}\n` : parts.join("");
}

async function rowOf(document: vscode.TextDocument, marks: MarkedEditor["marks"], facts: SentenceFacts) {
  const kept = await marks.origin.keptIn(facts.sentence);
  return {
    path: vscode.workspace.asRelativePath(document.uri),
    start: facts.span.start,
    end: facts.span.end,
    text: facts.text,
    tokens: facts.end - facts.first,
    impactful: facts.impactful,
    keptIn: kept?.kept ?? null,
    samples: kept?.samples ?? null,
    stale: facts.stale,
  };
}
