/** The status bar's word on the active editor's scores. */
import * as vscode from "vscode";
import type { Highlights } from "./highlights.js";
import { percent } from "./words.js";

/** What is said of the active editor, for the status bar and the view. */
export interface StatusText {
  readonly text: string;
  readonly detail: string;
  readonly warning: boolean;
  /** Command that helps. */
  readonly command: string;
}

/** Null where there is nothing to say. */
export function highlightStatus(highlights: Highlights): StatusText | null {
  const document = vscode.window.activeTextEditor?.document;
  const one = highlights.of(document);
  if (!highlights.enabled || document === undefined || one === undefined) return null;
  const top = vscode.l10n.t("top {0}", percent(highlights.share));
  const origin = one.marks?.origin;
  const source = origin === undefined ? "" : origin.kind === "live" ? vscode.l10n.t("live") : origin.name;
  const choose = "longrecipe.chooseScores";
  switch (one.state.kind) {
    case "off":
      return null;
    case "reading":
      return { text: `$(loading~spin) ${top}`, detail: vscode.l10n.t("Reading scores…"), warning: false, command: choose };
    case "scoring":
      return {
        text: `$(loading~spin) ${vscode.l10n.t("scoring {0}", percent(one.state.done))}`,
        detail: vscode.l10n.t("The in-editor scorer is at work: what is in view comes first."),
        warning: false,
        command: choose,
      };
    case "ready": {
      const counts = highlights.countsOf(document);
      const detail =
        counts === undefined
          ? vscode.l10n.t("Scores: {0}.", source)
          : vscode.l10n.t(
              "Scores: {0}. {1} of {2} tokens of this file are impactful.",
              source,
              counts.impactful.toLocaleString(),
              counts.tokens.toLocaleString(),
            );
      return { text: `$(symbol-color) ${top} · ${source}`, detail, warning: false, command: choose };
    }
    case "stale":
      return {
        text: `$(warning) ${vscode.l10n.t("scores are stale: rescore")}`,
        detail: vscode.l10n.t(
          "The file has changed since the run scored it. Dimmed marks stand where the text is the same. Choose live scores, or start the run again.",
        ),
        warning: true,
        command: choose,
      };
    case "none": {
      const label = one.state.unsupported === true ? vscode.l10n.t("format not supported") : vscode.l10n.t("no scores");
      return { text: `$(circle-slash) ${label}`, detail: one.state.why, warning: false, command: choose };
    }
  }
}

export class HighlightStatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("longrecipe.highlight", vscode.StatusBarAlignment.Right, 90);
  private readonly subscription: vscode.Disposable;

  constructor(private readonly highlights: Highlights) {
    this.item.name = vscode.l10n.t("LongRecipe: impactful tokens");
    this.subscription = highlights.onDidChange(() => this.update());
    this.update();
  }

  /** What it shows, for tests. */
  get text(): string | null {
    return highlightStatus(this.highlights)?.text ?? null;
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }

  private update(): void {
    const status = highlightStatus(this.highlights);
    if (status === null) {
      this.item.hide();
      return;
    }
    this.item.text = status.text;
    this.item.tooltip = status.detail;
    this.item.command = status.command;
    this.item.backgroundColor = status.warning ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.show();
  }
}
