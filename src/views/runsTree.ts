/** The tree "Runs": runs, under each its stages, with their state; runs of studies under a node of their own. */
import * as vscode from "vscode";
import { workedMilliseconds } from "../protocol/runSessions.js";
import type { StageSnapshot } from "../protocol/runSnapshot.js";
import type { FollowedRun } from "./followedRun.js";
import { formatDuration, formatTokens } from "./format.js";
import { runDescription, runIcon, stageDescription, stageIcon, stageTitle } from "./runStatus.js";
import type { RunStore } from "./runStore.js";

/** A line of the tree. Commands of the context menu get it as their first argument. */
export type RunNode = { readonly kind: "run"; readonly run: FollowedRun } | StageNode | StudiesNode;
interface StageNode {
  readonly kind: "stage";
  readonly run: FollowedRun;
  readonly index: number;
}

interface StudiesNode {
  readonly kind: "studies";
}
const studies: StudiesNode = { kind: "studies" };

/** Whether a run is one of the many of a study. */
function isOfStudy({ directory }: FollowedRun): boolean {
  return /[\\/]\.longrecipe[\\/]studies[\\/]/u.test(directory);
}

export class RunsTree implements vscode.TreeDataProvider<RunNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<RunNode | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly nodes = new Map<string, Extract<RunNode, { kind: "run" }>>();
  private readonly subscription: vscode.Disposable;

  constructor(private readonly store: RunStore) {
    this.subscription = store.onDidChange((run) => this.changed.fire(run === null ? undefined : this.nodes.get(run.directory)));
  }

  getChildren(node?: RunNode): RunNode[] {
    if (node === undefined) {
      const all = this.store.all();
      const alone = all.filter((run) => !isOfStudy(run)).map((run) => this.nodeOf(run));
      return alone.length < all.length ? [...alone, studies] : alone;
    }
    if (node.kind === "studies") return this.store.all().flatMap((run) => (isOfStudy(run) ? [this.nodeOf(run)] : []));
    if (node.kind === "stage") return [];
    return node.run.shown.stages.map((_, index): RunNode => ({ kind: "stage", run: node.run, index }));
  }

  getParent(node: RunNode): RunNode | undefined {
    if (node.kind === "stage") return this.nodeOf(node.run);
    return node.kind === "run" && isOfStudy(node.run) ? studies : undefined;
  }

  getTreeItem(node: RunNode): vscode.TreeItem {
    if (node.kind === "run") return runItem(node.run);
    if (node.kind === "studies") return studiesItem();
    const stage = node.run.shown.stages[node.index];
    if (stage === undefined) throw new Error(`no stage ${String(node.index)}`);
    return stageItem(node.run, stage);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  /** The same object for the same run, so that VS Code can refresh one line. */
  private nodeOf(run: FollowedRun): RunNode {
    let node = this.nodes.get(run.directory);
    if (node?.run !== run) {
      node = { kind: "run", run };
      this.nodes.set(run.directory, node);
    }
    return node;
  }
}

function studiesItem(): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t("Runs of studies"), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = "studies";
  item.iconPath = new vscode.ThemeIcon("run-all");
  item.contextValue = "studies";
  return item;
}

function runItem(run: FollowedRun): vscode.TreeItem {
  const item = new vscode.TreeItem(
    run.run.name,
    run.isActive ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = run.directory;
  item.description = `${runDescription(run)} · ${new Date(run.run.created).toLocaleString(undefined, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  })}`;
  item.iconPath = runIcon(run.status);
  item.contextValue = `run-${run.status}${run.hasReport ? "+report" : ""}${run.hasCheckpoint ? "+checkpoint" : ""}`;
  item.tooltip = runTooltip(run);
  item.command = { command: "longrecipe.openDashboard", title: vscode.l10n.t("Open Dashboard"), arguments: [{ kind: "run", run }] };
  item.accessibilityInformation = { label: `${run.run.name}, ${runDescription(run)}` };
  return item;
}

function runTooltip(run: FollowedRun): vscode.MarkdownString {
  const snapshot = run.shown;
  const text = new vscode.MarkdownString();
  text.appendMarkdown(`**`).appendText(run.run.name).appendMarkdown(`** `).appendText(runDescription(run));
  const line = (label: string, value: string): void => {
    text.appendMarkdown("\n\n").appendText(`${label}: ${value}`);
  };
  line(vscode.l10n.t("Model"), run.run.model);
  line(vscode.l10n.t("Target length"), vscode.l10n.t("{0} tokens", formatTokens(run.run.targetLength)));
  if (snapshot.device !== null) line(vscode.l10n.t("Device"), snapshot.device);
  if (snapshot.startedAt !== null) {
    line(vscode.l10n.t("Time worked"), formatDuration(workedMilliseconds(snapshot, Date.now()) / 1000));
  }
  if (snapshot.checkpoint !== null) line(vscode.l10n.t("Newest checkpoint"), vscode.l10n.t("step {0}", snapshot.checkpoint.step));
  if (snapshot.error !== null) line(vscode.l10n.t("Fault"), `${snapshot.error.message} ${snapshot.error.remedy}`);
  if (run.status === "interrupted") {
    line(vscode.l10n.t("Interrupted"), vscode.l10n.t("its runner is gone; Resume goes on from the newest checkpoint."));
  }
  line(vscode.l10n.t("Folder"), run.directory);
  return text;
}

function stageItem(run: FollowedRun, stage: StageSnapshot): vscode.TreeItem {
  const item = new vscode.TreeItem(stageTitle(stage.name));
  item.id = `${run.directory}#${stage.name}`;
  item.description = stageDescription(stage, run.isActive);
  item.iconPath = stageIcon(stage.status, run.isActive);
  item.contextValue = `stage-${stage.status}`;
  if (stage.detail !== null) item.tooltip = stage.detail;
  return item;
}
