/** The status-bar item: the run that works, its stage and how far it is. A click opens its dashboard. */
import * as vscode from "vscode";
import type { FollowedRun } from "./followedRun.js";
import { runDescription, runStatusText } from "./runStatus.js";
import type { RunStore } from "./runStore.js";

export class RunStatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("longrecipe.run", vscode.StatusBarAlignment.Left, 50);
  private readonly subscription: vscode.Disposable;
  /** The run shown last: how it ended stays to be seen until another one works or it is clicked away. */
  private shown: FollowedRun | null = null;

  constructor(private readonly store: RunStore) {
    this.item.name = vscode.l10n.t("LongRecipe Run");
    this.subscription = store.onDidChange(() => this.update());
  }

  /** For the tests: what can be read there, or null when it is hidden. */
  get text(): string | null {
    return this.shown === null ? null : this.item.text;
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }

  private update(): void {
    const runs = this.store.all();
    const active = runs.filter((run) => run.isActive);
    const stillThere = this.shown !== null && runs.includes(this.shown) ? this.shown : null;
    const latest = runs.find((run) => run.isResumable && run.status !== "stopped") ?? null;
    this.shown = active[0] ?? stillThere ?? latest;
    if (this.shown === null) {
      this.item.hide();
      return;
    }
    this.render(this.shown, active.length);
    this.item.show();
  }

  private render(run: FollowedRun, active: number): void {
    const more = active > 1 ? ` +${String(active - 1)}` : "";
    this.item.text = `${symbol(run)} ${runDescription(run)}${more}`;
    this.item.tooltip = vscode.l10n.t("LongRecipe: {0} ({1}). Click to open the dashboard.", run.run.name, runStatusText(run.status));
    this.item.command = { command: "longrecipe.openDashboard", title: "", arguments: [{ kind: "run", run }] };
    this.item.backgroundColor = run.status === "failed" ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    this.item.accessibilityInformation = { label: vscode.l10n.t("LongRecipe run {0}: {1}", run.run.name, runDescription(run)) };
  }
}

function symbol(run: FollowedRun): string {
  if (run.isActive) return "$(sync~spin)";
  switch (run.status) {
    case "completed":
      return "$(pass)";
    case "failed":
      return "$(error)";
    case "paused":
      return "$(debug-pause)";
    default:
      return "$(debug-disconnect)";
  }
}
