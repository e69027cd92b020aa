/** All dashboards of this window: at most one a run, brought back after a reload. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { readStringMap } from "../platform/memory.js";
import type { FollowedRun } from "../views/followedRun.js";
import type { RunStore } from "../views/runStore.js";
import type { DashboardPanel } from "./dashboardPanel.js";
import { LazyPromptDocuments } from "./prompts/lazyPromptDocuments.js";

export const DASHBOARD_VIEW_TYPE = "longrecipe.dashboard";

/** Run directories of open dashboards by the panel's title, which VS Code gives back after a reload. */
const OPEN_KEY = "longrecipe.openDashboards";

export class Dashboards implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly open = new Map<string, DashboardPanel>();
  private readonly prompts: LazyPromptDocuments;
  private readonly registrations: vscode.Disposable;

  /** @param discovered settles when the runs of the workspace are known. */
  constructor(
    private readonly store: RunStore,
    private readonly extensionUri: vscode.Uri,
    private readonly memory: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
    private readonly discovered: Promise<void>,
  ) {
    this.prompts = new LazyPromptDocuments(log);
    this.registrations = vscode.Disposable.from(this.prompts, vscode.window.registerWebviewPanelSerializer(DASHBOARD_VIEW_TYPE, this));
  }

  /** Shows the dashboard of a run: the one that is open, or a new one. */
  async show(run: FollowedRun): Promise<void> {
    const existing = this.open.get(run.directory);
    if (existing !== undefined) {
      existing.reveal();
      return;
    }
    await this.adopt(vscode.window.createWebviewPanel(DASHBOARD_VIEW_TYPE, titleOf(run), vscode.ViewColumn.Active), run);
    await this.memory.update(OPEN_KEY, { ...this.remembered(), [titleOf(run)]: run.directory });
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    await this.discovered;
    const directory = this.remembered()[panel.title];
    const run = directory === undefined ? undefined : this.store.get(directory);
    if (run === undefined || this.open.has(run.directory)) {
      // The run was deleted: an empty panel would only be in the way.
      this.log.info(`The dashboard "${panel.title}" was not restored: its run is gone.`);
      panel.dispose();
      return;
    }
    await this.adopt(panel, run);
  }

  dispose(): void {
    this.registrations.dispose();
  }

  private async adopt(panel: vscode.WebviewPanel, run: FollowedRun): Promise<void> {
    const { DashboardPanel } = await import("./dashboardPanel.js");
    this.open.set(run.directory, new DashboardPanel(panel, run, this.store, this.extensionUri, () => this.prompts.load(), this.log));
    panel.onDidDispose(() => this.open.delete(run.directory));
  }

  private remembered(): Record<string, string> {
    return readStringMap(this.memory, OPEN_KEY);
  }
}

/** NAME-DATE, which tells runs of one recipe apart. */
function titleOf(run: FollowedRun): string {
  return basename(run.directory);
}
