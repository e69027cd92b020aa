/** Hovers over tinted text: the token's score and rank, what both models make of it, and what became of its sentence. */
import * as vscode from "vscode";
import { cutoffsOf } from "./editorPainter.js";
import type { Highlights } from "./highlights.js";
import { levelOf } from "./ranks.js";
import { sentenceFacts } from "./sentenceFacts.js";
import { sentenceOf } from "./sentences.js";
import { count, probability, shownToken, signed, topShare } from "./words.js";

/** The hover over a token; null where none has a score. */
export async function significanceHover(
  highlights: Highlights,
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<vscode.Hover | null> {
  const marks = highlights.of(document)?.marks;
  if (marks == null) return null;
  const token = marks.tokens.at(document.offsetAt(position));
  if (token === null || Number.isNaN(token.score)) return null;
  const { share } = highlights;
  const range = new vscode.Range(document.positionAt(token.start), document.positionAt(token.end));
  const text = new vscode.MarkdownString("", true);
  // Only our own command can be called from it; what comes from the file goes in as text.
  text.isTrusted = { enabledCommands: ["longrecipe.whyKept"] };
  text.appendMarkdown("$(symbol-color) **");
  text.appendText(shownToken(document.getText(range)));
  text.appendMarkdown("** — ");
  const rank = topShare(marks.distribution.topShare(token.score));
  const impactful = levelOf(token.score, cutoffsOf(marks, share)) > 0;
  const among = marks.origin.kind === "run" ? vscode.l10n.t("of the corpus") : vscode.l10n.t("of this text");
  text.appendText(
    `${vscode.l10n.t("significance {0}, {1} {2}", signed(token.score), rank, among)}${impactful ? "" : ` (${vscode.l10n.t("not impactful")})`}`,
  );
  const probabilities = await marks.origin.probabilities(token.token);
  if (probabilities !== null) {
    text.appendMarkdown("\n\n");
    text.appendText(
      vscode.l10n.t("Probability {0} (base) → {1} (extended)", probability(probabilities.base), probability(probabilities.extended)),
    );
  }
  const sentence = sentenceFacts(document, marks, share, sentenceOf(marks.firsts, token.token));
  if (sentence !== null) {
    text.appendMarkdown("\n\n");
    text.appendText(
      vscode.l10n.t("Sentence: {0} of {1} tokens impactful", count(sentence.impactful), count(sentence.end - sentence.first)),
    );
    const kept = await marks.origin.keptIn(sentence.sentence);
    if (kept !== null) {
      text.appendText(`; ${keptText(kept)}`);
    }
    text.appendMarkdown(` — [${vscode.l10n.t("Why?")}](command:longrecipe.whyKept)`);
  }
  if (marks.stale || marks.tokens.isStale(token.start)) {
    text.appendMarkdown("\n\n$(warning) ");
    text.appendText(vscode.l10n.t("Stale: the text before it has changed since it was scored."));
  }
  return new vscode.Hover(text, range);
}
/** What became of a sentence. */
export function keptText({ kept, samples }: { readonly kept: number; readonly samples: number }): string {
  return kept === 0
    ? vscode.l10n.t("kept in none of {0} samples", count(samples))
    : vscode.l10n.t("kept in {0} of {1} samples", count(kept), count(samples));
}
