/** One dashboard: a webview panel that shows one run, and says what it is asked to the rest of the extension. */
import * as vscode from "vscode";
import { showFault } from "../platform/messages.js";
import type { DashboardToHost, HostToDashboard } from "../protocol/dashboard.js";
import type { Results } from "../protocol/results.js";
import type { FollowedRun } from "../views/followedRun.js";
import { tryAgain } from "../views/followUps.js";
import type { RunStore } from "../views/runStore.js";
import type { SeriesCursor } from "../views/series.js";
import { Comparison } from "./comparison.js";
import { openPage } from "./webviewPage.js";
import { keepPicture } from "./keepPicture.js";
import { readLogTail } from "./logTail.js";
import { originalWindow } from "./originalWindow.js";
import { Pacer } from "./pacer.js";
import type { PromptDocuments } from "./prompts/promptDocuments.js";
import { readResults } from "./resultsFile.js";
import { runFacts } from "./runFacts.js";
import type { ViewTransport } from "./transport.js";
import { dashboardMessages } from "./transport.js";
import { inBackground } from "../platform/log.js";

/** A screen cannot be read faster than this, in milliseconds. */
const SEND_INTERVAL_MS = 100;
/** Curves of other runs go out whole, the log is read from disk: neither more often than this, in milliseconds. */
const SLOW_INTERVAL_MS = 1000;

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
  samples: "longrecipe.inspectSamples",
} as const;

export class DashboardPanel {
  private readonly transport: ViewTransport<HostToDashboard, DashboardToHost>;
  private readonly pacer = new Pacer(() => inBackground(this.log, this.sendNews()), SEND_INTERVAL_MS);
  private readonly comparisonPacer = new Pacer(() => inBackground(this.log, this.sendComparison()), SLOW_INTERVAL_MS);
  private readonly logPacer = new Pacer(() => inBackground(this.log, this.sendLog()), SLOW_INTERVAL_MS);
  private readonly comparison: Comparison;
  private readonly subscriptions: vscode.Disposable[] = [];
  private cursor: SeriesCursor | null = null;
  private epoch = 0;
  private ready = false;
  private logWanted = false;
  private sentLog = "";
  /** State of what only a snapshot carries (results, notices, facts) when the last one was sent. */
  private sentKey = "";

  constructor(
    private readonly panel: vscode.WebviewPanel,
    readonly run: FollowedRun,
    private readonly store: RunStore,
    extensionUri: vscode.Uri,
    private readonly prompts: () => Promise<PromptDocuments>,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const { transport, subscription } = openPage<HostToDashboard, DashboardToHost>(panel.webview, extensionUri, log, {
      page: "dashboard",
      title: run.run.name,
      messages: dashboardMessages,
      isVisible: () => panel.visible,
      receive: (message) => this.receive(message),
    });
    this.transport = transport;
    this.comparison = new Comparison(store);
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "icon.png");
    this.subscriptions.push(
      subscription,
      panel.onDidChangeViewState(() => {
        // A hidden page is thrown away; the one that is made when it is shown again says `ready` itself.
        if (!panel.visible) this.ready = this.logWanted = false;
      }),
      store.onDidChange((changed) => this.changed(changed)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("longrecipe")) this.pacer.ask();
      }),
    );
    panel.onDidDispose(() => this.dispose());
  }

  reveal(): void {
    this.panel.reveal();
  }

  private dispose(): void {
    for (const pacer of [this.pacer, this.comparisonPacer, this.logPacer]) pacer.cancel();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private changed(run: FollowedRun | null): void {
    if (run === null || run === this.run) {
      this.pacer.ask();
      this.logPacer.ask();
    } else if (this.comparison.has(run)) this.comparisonPacer.ask();
  }

  private async receive(message: DashboardToHost): Promise<void> {
    const node = { kind: "run", run: this.run };
    switch (message.type) {
      case "ready":
        this.ready = true;
        this.comparison.forget();
        this.sentLog = "";
        this.logPacer.ask();
        return this.sendSnapshot();
      case "request":
        if (message.request === "retry") return tryAgain(this.run);
        await vscode.commands.executeCommand(requestCommands[message.request], node);
        return;
      case "open":
        await vscode.commands.executeCommand(openCommands[message.what], node);
        return;
      case "compare":
        this.comparison.choose(message.directories);
        return this.sendComparison();
      case "log":
        this.logWanted = message.wanted;
        return this.sendLog();
      case "prompt":
        return this.orShow(async () => (await this.prompts()).show(this.run.resultsFile, message.promptHash));
      case "export":
        return this.orShow(() => keepPicture(message.format, message.name, message.data, this.run.directory));
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
    const delivered = await this.transport.send({ type: "append", epoch: this.epoch, run: this.run.shown, series: news });
    // What was not taken must not be missing later: the next message is a whole snapshot.
    if (!delivered) this.cursor = null;
  }

  private async sendSnapshot(): Promise<void> {
    const { run } = this;
    this.sentKey = this.snapshotKey();
    const { results, notices } = await this.readResults();
    const window = results?.window ?? (await originalWindow(run.directory, run.run));
    this.epoch += 1;
    this.cursor = run.series.cursor();
    const delivered = await this.transport.send({
      type: "snapshot",
      epoch: this.epoch,
      identity: { name: run.run.name, directory: run.directory, model: run.run.model, targetLength: run.run.targetLength, window },
      run: this.run.shown,
      series: run.series.all(),
      results,
      notices: [...this.notices(), ...notices],
      facts: runFacts(run, this.store),
    });
    if (!delivered) this.cursor = null;
  }

  private async sendComparison(): Promise<void> {
    if (!this.ready || !this.panel.visible) return;
    const news = this.comparison.news();
    if (news !== null && !(await this.transport.send(news))) this.comparison.forget();
  }

  private async sendLog(): Promise<void> {
    if (!this.ready || !this.panel.visible || !this.logWanted) return;
    const tail = await readLogTail(this.run.paths);
    const key = JSON.stringify(tail);
    if (tail === null || key === this.sentLog) return;
    this.sentLog = key;
    if (!(await this.transport.send({ type: "log", tail }))) this.sentLog = "";
  }

  private snapshotKey(): string {
    const { run } = this;
    return JSON.stringify([run.snapshot.results, run.status, run.resultsFile, run.malformedLines, runFacts(run, this.store)]);
  }

  private notices(): string[] {
    const { status, malformedLines } = this.run;
    return [
      ...(status === "interrupted" ? [vscode.l10n.t("The runner of this run is gone. Resume goes on from the newest checkpoint.")] : []),
      ...(malformedLines > 0
        ? [vscode.l10n.t("{0} lines of this run's events.jsonl cannot be read and are left out.", malformedLines)]
        : []),
    ];
  }

  private async readResults(): Promise<{ results: Results | null; notices: string[] }> {
    const { results, unreadable, damagedRows } = await readResults(this.run.resultsFile);
    const notices = [
      ...(unreadable ? [vscode.l10n.t("The results file {0} cannot be read; evaluate the run again.", this.run.resultsFile)] : []),
      ...(damagedRows > 0 ? [vscode.l10n.t("{0} rows of the results file are damaged and are left out.", damagedRows)] : []),
    ];
    return { results, notices };
  }

  /** For what a person asked for on the page: a fault is shown, not only logged. */
  private async orShow(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await showFault(error, this.log);
    }
  }
}
