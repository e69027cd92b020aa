/** "Why is this sentence kept?": what became of the sentence at the cursor, and the tokens that made it so, most significant first. */
import * as vscode from "vscode";
import { cutoffsOf } from "../editor/highlight/editorPainter.js";
import { keptText } from "../editor/highlight/hover.js";
import type { Marks } from "../editor/highlight/marks.js";
import { textOf } from "../editor/highlight/places.js";
import { levelOf } from "../editor/highlight/ranks.js";
import { sentenceAt, sentenceFacts, type SentenceFacts } from "../editor/highlight/sentenceFacts.js";
import { count, percent, probability, shownToken, signed, topShare } from "../editor/highlight/words.js";
import type { Command } from "../platform/parts.js";
import { markedEditor } from "./markedEditor.js";

/** Tokens listed. */
const mostTokens = 40;

type Item = vscode.QuickPickItem & { readonly span?: vscode.Range };

export const whyKept: Command = async (parts) => {
  const found = await markedEditor(parts);
  if (found === null) return;
  const { editor, highlight, marks } = found;
  const { share } = parts.highlights;
  const sentence = sentenceAt(highlight, editor.document.offsetAt(editor.selection.active));
  const facts = sentence === null ? null : sentenceFacts(editor.document, marks, share, sentence);
  if (facts === null) {
    vscode.window.setStatusBarMessage(vscode.l10n.t("No scored sentence is at the cursor."), 4000);
    return;
  }
  await show(editor, [...(await verdict(marks, facts, share)), ...(await tokenItems(editor.document, marks, facts, share))], facts);
};

/** What became of the sentence. */
async function verdict(marks: Marks, facts: SentenceFacts, share: number): Promise<Item[]> {
  const tokens = facts.end - facts.first;
  const kept = await marks.origin.keptIn(facts.sentence);
  const rank = await marks.origin.rank(facts.impactful / tokens);
  const head =
    facts.impactful > 0
      ? vscode.l10n.t("It is an anchor: {0} of its {1} tokens are impactful", count(facts.impactful), count(tokens))
      : vscode.l10n.t("It is no anchor: none of its {0} tokens is impactful", count(tokens));
  const items: Item[] = [
    {
      label: `$(${facts.impactful > 0 ? "pass-filled" : "circle-slash"}) ${head}`,
      detail: vscode.l10n.t("Impactful: among the top {0} {1}.", percent(share), scope(marks)),
    },
  ];
  if (kept !== null) items.push({ label: `$(layers) ${capital(keptText(kept))}`, detail: reasonOf(facts, kept) });
  else if (marks.origin.kind === "live") {
    items.push({
      label: `$(layers) ${vscode.l10n.t("No run has made samples of this text")}`,
      detail: vscode.l10n.t("Its scores are live."),
    });
  } else {
    items.push({
      label: `$(layers) ${vscode.l10n.t("Which samples hold it is not known")}`,
      detail: vscode.l10n.t("The run has not built its samples yet, or an earlier version of LongRecipe built them."),
    });
  }
  if (rank !== null) {
    items.push({
      label: `$(list-ordered) ${rank === 0 ? vscode.l10n.t("No sentence of the corpus ranks before it") : vscode.l10n.t("{0} of the corpus's sentences rank before it", percent(rank, 1))}`,
      detail: vscode.l10n.t("By density: impactful tokens per token."),
    });
  }
  if (facts.stale) {
    items.push({
      label: `$(warning) ${vscode.l10n.t("Scores are stale: rescore")}`,
      detail: vscode.l10n.t("The text has changed since it was scored."),
    });
  }
  return items;
}

function reasonOf(facts: SentenceFacts, { kept }: { kept: number }): string {
  if (kept > 0 && facts.impactful === 0) return vscode.l10n.t("It filled what the anchors left of those samples.");
  if (kept === 0 && facts.impactful > 0) return vscode.l10n.t("Denser sentences filled the samples that were made from its document.");
  return kept > 0
    ? vscode.l10n.t("Sentences that hold impactful tokens are taken first.")
    : vscode.l10n.t("Sentences without impactful tokens are taken only where room is left.");
}

/** Its tokens, most significant first. */
async function tokenItems(document: vscode.TextDocument, marks: Marks, facts: SentenceFacts, share: number): Promise<Item[]> {
  const cutoffs = cutoffsOf(marks, share);
  const { score } = marks.tokens.tokens;
  const ranked = Array.from({ length: facts.end - facts.first }, (_, at) => facts.first + at)
    .filter((token) => !Number.isNaN(score[token]))
    .sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0))
    .slice(0, mostTokens);
  const items: Item[] = [];
  let impactful: boolean | null = null;
  for (const token of ranked) {
    const place = marks.tokens.place(token);
    if (place === null || place.start === place.end) continue;
    const level = levelOf(place.score, cutoffs);
    if (impactful !== level > 0) {
      impactful = level > 0;
      const label = impactful ? vscode.l10n.t("impactful tokens") : vscode.l10n.t("other tokens");
      items.push({ label, kind: vscode.QuickPickItemKind.Separator });
    }
    const both = await marks.origin.probabilities(token);
    const change = both === null ? "" : ` · p ${probability(both.base)} → ${probability(both.extended)}`;
    items.push({
      label: shownToken(textOf(document, place)),
      description: `${signed(place.score)} · ${topShare(marks.distribution.topShare(place.score))}${change}`,
      span: new vscode.Range(document.positionAt(place.start), document.positionAt(place.end)),
    });
  }
  return items;
}

/** Shows the list; the entry that is active is shown in the editor, and leaving the list leaves the cursor where it was. */
async function show(editor: vscode.TextEditor, items: Item[], facts: SentenceFacts): Promise<void> {
  const before = editor.selections;
  const whole = new vscode.Range(editor.document.positionAt(facts.span.start), editor.document.positionAt(facts.span.end));
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = vscode.l10n.t("Why is this sentence kept?");
  pick.placeholder = short(facts.text);
  pick.items = items;
  pick.matchOnDescription = true;
  pick.onDidChangeActive(([active]) => {
    const range = active?.span ?? whole;
    editor.selection = new vscode.Selection(range.start, range.end);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  });
  const accepted = await new Promise<boolean>((resolve) => {
    pick.onDidAccept(() => {
      resolve(true);
      pick.hide();
    });
    pick.onDidHide(() => resolve(false));
    pick.show();
  });
  pick.dispose();
  if (!accepted) editor.selections = before;
}

function scope(marks: Marks): string {
  return marks.origin.kind === "run" ? vscode.l10n.t("of the corpus of {0}", marks.origin.name) : vscode.l10n.t("of this text");
}

function short(text: string): string {
  const flat = text.replace(/\s+/gu, " ");
  return flat.length > 120 ? `${flat.slice(0, 119)}…` : flat;
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
