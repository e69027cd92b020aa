/** All sample inspectors of this window: at most one a run, brought back after a reload. */
import * as vscode from "vscode";
import type { FollowedRun } from "../views/followedRun.js";
import type { RunStore } from "../views/runStore.js";
import type { SamplePanel } from "./samples/samplePanel.js";

export const SAMPLES_VIEW_TYPE = "longrecipe.samples";

export class SamplePanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly open = new Map<string, SamplePanel>();
  private readonly registration: vscode.Disposable;

  /** @param discovered settles when the runs of the workspace are known. */
  constructor(
    private readonly store: RunStore,
    private readonly extensionUri: vscode.Uri,
    private readonly log: vscode.LogOutputChannel,
    private readonly discovered: Promise<void>,
  ) {
    this.registration = vscode.window.registerWebviewPanelSerializer(SAMPLES_VIEW_TYPE, this);
  }

  /** Shows the samples of a run: the panel that is open, or a new one. */
  async show(run: FollowedRun): Promise<void> {
    const existing = this.open.get(run.directory);
    if (existing !== undefined) {
      existing.reveal();
      return;
    }
    const title = vscode.l10n.t("Samples of {0}", run.run.name);
    await this.adopt(vscode.window.createWebviewPanel(SAMPLES_VIEW_TYPE, title, vscode.ViewColumn.Active), run);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    await this.discovered;
    const directory = directoryIn(state);
    const run = directory === undefined ? undefined : this.store.get(directory);
    if (run === undefined || this.open.has(run.directory)) {
      this.log.info(`"${panel.title}" was not restored: its run is gone.`);
      panel.dispose();
      return;
    }
    await this.adopt(panel, run);
  }

  dispose(): void {
    this.registration.dispose();
  }

  private async adopt(panel: vscode.WebviewPanel, run: FollowedRun): Promise<void> {
    const { SamplePanel } = await import("./samples/samplePanel.js");
    this.open.set(run.directory, new SamplePanel(panel, run, this.extensionUri, this.log));
    panel.onDidDispose(() => this.open.delete(run.directory));
  }
}

/** Which run a page showed, from what it has kept of itself. */
function directoryIn(state: unknown): string | undefined {
  if (typeof state !== "object" || state === null || !("directory" in state)) return undefined;
  return typeof state.directory === "string" ? state.directory : undefined;
}
