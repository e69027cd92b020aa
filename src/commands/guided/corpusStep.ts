/** Question 2: which corpus. */
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { findInWorkspace } from "../../platform/find.js";
import type { RecipeDraft } from "./draft.js";
import { group, pick, type Outcome, type StepPlace } from "./steps.js";

/** More single files than this are not listed; their folders are. */
const FILES_SHOWN = 40;

interface CorpusItem extends vscode.QuickPickItem {
  readonly path?: string;
  readonly action?: "files" | "folder";
}

export async function askCorpus(draft: Partial<RecipeDraft>, place: StepPlace): Promise<Outcome<Partial<RecipeDraft>>> {
  for (;;) {
    const outcome = await pick(place, {
      placeholder: vscode.l10n.t("Which text shall it be trained on? Long documents teach the most."),
      items: corpusItems(),
      isActive: (item) => item.path !== undefined && item.path === draft.corpus?.[0],
    });
    if (outcome.kind !== "next") return outcome;
    const paths = outcome.value.path === undefined ? await browse(outcome.value.action === "files") : [outcome.value.path];
    if (paths.length > 0) return { kind: "next", value: { corpus: paths } };
  }
}

async function corpusItems(): Promise<CorpusItem[]> {
  const files = await findInWorkspace(["**/*.{txt,md,jsonl}"]);
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  const folders = [...counts].map(([folder, count]): CorpusItem => ({
    label: `$(folder) ${vscode.workspace.asRelativePath(folder)}`,
    description: count === 1 ? vscode.l10n.t("1 file") : vscode.l10n.t("{0} files", count),
    path: folder,
  }));
  const single = files.slice(0, FILES_SHOWN).map((file): CorpusItem => ({
    label: `$(file) ${basename(file)}`,
    description: vscode.workspace.asRelativePath(dirname(file)),
    path: file,
  }));
  return [
    ...group(vscode.l10n.t("folders: every .txt, .md and .jsonl file in them"), folders),
    ...group(vscode.l10n.t("files"), single),
    ...group(vscode.l10n.t("other"), [
      { label: vscode.l10n.t("$(folder-opened) Browse for a folder…"), action: "folder" as const },
      { label: vscode.l10n.t("$(files) Browse for files…"), action: "files" as const },
    ]),
  ];
}

async function browse(files: boolean): Promise<string[]> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectFiles: files,
    canSelectFolders: !files,
    canSelectMany: true,
    openLabel: vscode.l10n.t("Use This Corpus"),
    ...(files ? { filters: { [vscode.l10n.t("Text")]: ["txt", "md", "jsonl"] } } : {}),
  });
  return (chosen ?? []).map((uri) => uri.fsPath);
}
