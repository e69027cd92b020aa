/** Chooses where scores come from: whichever run knows the file, one run, or the live scorer. */
import * as vscode from "vscode";
import type { HighlightSource } from "../editor/highlight/choices.js";
import type { Command } from "../platform/parts.js";

type Item = vscode.QuickPickItem & { readonly source?: HighlightSource };

export const chooseScores: Command = async ({ highlights }) => {
  const chosen = highlights.source;
  const mark = (source: HighlightSource): string => (JSON.stringify(source) === JSON.stringify(chosen) ? "$(check) " : "");
  const path = vscode.window.activeTextEditor?.document.uri.fsPath;
  const runs: Item[] = [];
  for (const run of await highlights.runScores()) {
    if (!(await run.isThere())) continue;
    const source: HighlightSource = { kind: "run", directory: run.directory };
    const knows = path !== undefined && (await run.entry(path)) !== null;
    runs.push({
      label: `${mark(source)}${run.run.name}`,
      description: new Date(run.run.created).toLocaleString(vscode.env.language),
      detail: knows ? vscode.l10n.t("has scored this file") : vscode.l10n.t("has not scored this file"),
      source,
    });
  }
  const auto: HighlightSource = { kind: "auto" };
  const live: HighlightSource = { kind: "live" };
  const items: Item[] = [
    {
      label: `${mark(auto)}$(sparkle) ${vscode.l10n.t("Automatic")}`,
      detail: vscode.l10n.t("The newest run that has scored the file as it is, else live."),
      source: auto,
    },
    {
      label: `${mark(live)}$(pulse) ${vscode.l10n.t("Live")}`,
      detail: vscode.l10n.t("The in-editor scorer scores the text as you write it. Ranks are among this text."),
      source: live,
    },
    ...(runs.length === 0 ? [] : [{ label: vscode.l10n.t("runs"), kind: vscode.QuickPickItemKind.Separator }, ...runs]),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Scores for highlighting"),
    placeHolder: vscode.l10n.t("Where shall scores come from?"),
  });
  if (picked?.source === undefined) return;
  await highlights.setSource(picked.source);
  if (!highlights.enabled) await highlights.setEnabled(true);
};
