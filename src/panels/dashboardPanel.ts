/** One dashboard: a webview panel that shows one run, and says what it is asked to the rest of the extension. */
import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import type { DashboardToHost } from "../protocol/dashboard.js";
import { resultsSchema, type Results } from "../protocol/results.js";
import type { FollowedRun } from "../views/followedRun.js";
import type { RunStore } from "../views/runStore.js";
import type { SeriesCursor } from "../views/series.js";
import { webviewHtml, webviewRoot } from "./html.js";
import { Pacer } from "./pacer.js";
import { DashboardTransport } from "./transport.js";

/** A screen cannot be read faster than this, in milliseconds. */
const SEND_INTERVAL_MS = 100;

/** Commands behind the buttons of the page. */
const requestCommands = {
  pause: "longrecipe.pauseRun",
  stop: "longrecipe.stopRun",
  checkpoint: "longrecipe.checkpointNow",
  resume: "longrecipe.resumeRun",
} as const;
const openCommands = {
  report: "longrecipe.openReport",
  recipe: "longrecipe.openRecipe",
  log: "longrecipe.showLog",
  checkpoint: "longrecipe.openMergedCheckpoint",
} as const;

export class DashboardPanel {
  private readonly transport: DashboardTransport;
  private readonly pacer = new Pacer(() => this.inBackground(this.sendNews()), SEND_INTERVAL_MS);
  private readonly subscriptions: vscode.Disposable[] = [];
  private cursor: SeriesCursor | null = null;
  private epoch = 0;
  private ready = false;
  /** State of what only a snapshot carries (results, notices) when the last one was sent. */
  private sentKey = "";

  constructor(
    private readonly panel: vscode.WebviewPanel,
    readonly run: FollowedRun,
    store: RunStore,
    extensionUri: vscode.Uri,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.transport = new DashboardTransport(panel.webview);
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(extensionUri)] };
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "icon.png");
    this.subscriptions.push(
      this.transport.onMessage(
        (message) => this.inBackground(this.receive(message)),
        (raw) => log.warn(`The dashboard sent something that is no message of ours: ${JSON.stringify(raw)}`),
      ),
      panel.onDidChangeViewState(() => {
        // A hidden page is thrown away; the one that is made when it is shown again says `ready` itself.
        if (!panel.visible) this.ready = false;
      }),
      store.onDidChange((changed) => {
        if (changed === run) this.pacer.ask();
      }),
    );
    panel.onDidDispose(() => this.dispose());
    panel.webview.html = webviewHtml(panel.webview, extensionUri, "dashboard", run.run.name);
  }

  reveal(): void {
    this.panel.reveal();
  }

  private dispose(): void {
    this.pacer.cancel();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private async receive(message: DashboardToHost): Promise<void> {
    switch (message.type) {
      case "ready":
        this.ready = true;
        await this.sendSnapshot();
        return;
      case "request":
        await vscode.commands.executeCommand(requestCommands[message.request], { kind: "run", run: this.run });
        return;
      case "open":
        await vscode.commands.executeCommand(openCommands[message.what], { kind: "run", run: this.run });
    }
  }

  private async sendNews(): Promise<void> {
    if (!this.ready || !this.panel.visible) return;
    const news = this.cursor === null ? null : this.run.series.since(this.cursor);
    if (news === null || this.snapshotKey() !== this.sentKey) {
      await this.sendSnapshot();
      return;
    }
    this.cursor = this.run.series.cursor();
    const delivered = await this.transport.send({ type: "append", epoch: this.epoch, run: this.shownRun(), series: news });
    // What was not taken must not be missing later: the next message is a whole snapshot.
    if (!delivered) this.cursor = null;
  }

  private async sendSnapshot(): Promise<void> {
    const { run } = this;
    this.sentKey = this.snapshotKey();
    const { results, notices } = await this.readResults();
    this.epoch += 1;
    this.cursor = run.series.cursor();
    const delivered = await this.transport.send({
      type: "snapshot",
      epoch: this.epoch,
      identity: { name: run.run.name, directory: run.directory, model: run.run.model, targetLength: run.run.targetLength },
      run: this.shownRun(),
      series: run.series.all(),
      results,
      notices: [...this.notices(), ...notices],
    });
    if (!delivered) this.cursor = null;
  }

  private snapshotKey(): string {
    return JSON.stringify([this.run.snapshot.results, this.run.status === "interrupted"]);
  }

  /** A run whose runner is gone says of itself that it runs; the page must offer to resume it. */
  private shownRun(): FollowedRun["snapshot"] {
    const { snapshot, status } = this.run;
    return status === "interrupted" ? { ...snapshot, status: "stopped", pid: null } : snapshot;
  }

  private notices(): string[] {
    if (this.run.status !== "interrupted") return [];
    return [vscode.l10n.t("The runner of this run is gone. Resume goes on from the newest checkpoint.")];
  }

  private async readResults(): Promise<{ results: Results | null; notices: string[] }> {
    const file = this.run.snapshot.results["results"] ?? this.run.paths.results;
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return { results: null, notices: [] };
      throw error;
    }
    try {
      return { results: resultsSchema.parse(JSON.parse(text)), notices: [] };
    } catch (error) {
      this.log.error(`${file}: ${String(error)}`);
      return { results: null, notices: [vscode.l10n.t("The results file cannot be read; evaluate the run again. The log says more.")] };
    }
  }

  private inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.log.error(error instanceof Error ? error : String(error)));
  }
}
