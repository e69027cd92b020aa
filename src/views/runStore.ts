/**
 * All runs known to this window: found in the workspace or started from it, followed while they go on.
 * What reads run directories is loaded when a window looks for runs, not when the extension is activated.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as vscode from "vscode";
import { readStrings } from "../platform/memory.js";
import type { FoundRun } from "../runner/runDirectory.js";
import type { FollowedRun } from "./followedRun.js";
import { inBackground } from "../platform/log.js";

/** How often active runs are read, in milliseconds. File watchers miss appended lines on remote and shared file systems; a stat does not. */
const ACTIVE_INTERVAL_MS = 250;
/** Every n-th time the others are looked at too: they may have been resumed from a terminal, or removed. */
const QUIET_EVERY = 20;
/** Directories of runs outside the workspace that were started from it. */
const REMEMBERED_KEY = "longrecipe.runDirectories";

export class RunStore implements vscode.Disposable {
  private readonly runs = new Map<string, FollowedRun>();
  private readonly changed = new vscode.EventEmitter<FollowedRun | null>();
  private readonly subscriptions: { dispose(): unknown }[] = [this.changed];
  private readonly unreadable = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private ticks = 0;
  private disposed = false;

  /** Fires with the run that changed; null when runs came or went. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly memory: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {
    // A run started from a terminal: run.json is the last file written when a run is made.
    const watcher = vscode.workspace.createFileSystemWatcher("**/.longrecipe/runs/*/run.json", false, true, false);
    this.subscriptions.push(
      watcher,
      watcher.onDidCreate((uri) => inBackground(this.log, this.addDirectory(resolve(uri.fsPath, "..")))),
      vscode.workspace.onDidChangeWorkspaceFolders(() => inBackground(this.log, this.discover())),
    );
  }

  /** The newest first. */
  all(): FollowedRun[] {
    return [...this.runs.values()].sort((a, b) => b.run.created - a.run.created);
  }

  get(directory: string): FollowedRun | undefined {
    return this.runs.get(resolve(directory));
  }

  /** The latest run made from this recipe file. */
  latestOf(recipeFile: string): FollowedRun | undefined {
    return this.all().find((run) => run.run.recipeFile === recipeFile);
  }

  /** Looks for runs in the workspace's folders and among those started from here. */
  async discover(): Promise<void> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
    const { findRuns } = await import("../runner/runDirectory.js");
    const found = (await Promise.all(folders.map((folder) => findRuns(folder.uri.fsPath)))).flat();
    for (const run of found) await this.follow(run);
    for (const directory of this.remembered()) {
      if (existsSync(directory)) await this.addDirectory(directory);
    }
    await this.refreshAll();
    this.changed.fire(null);
    this.schedule();
  }

  /** Shows a run that was just started by `runnerPid`, and remembers it for the next window. */
  async addLaunched(directory: string, runnerPid: number): Promise<FollowedRun> {
    const { identityOf } = await import("../runner/processes.js");
    const followed = await this.followDirectory(directory);
    followed.wasLaunched(identityOf(runnerPid));
    await this.memory.update(REMEMBERED_KEY, [...new Set([...this.remembered(), followed.directory])]);
    await followed.refresh();
    this.changed.fire(null);
    this.schedule();
    return followed;
  }

  /** Forgets a run whose directory was removed. */
  async remove(directory: string): Promise<void> {
    this.runs.delete(resolve(directory));
    await this.memory.update(
      REMEMBERED_KEY,
      this.remembered().filter((known) => known !== resolve(directory)),
    );
    this.changed.fire(null);
  }

  dispose(): void {
    this.disposed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private async addDirectory(directory: string): Promise<void> {
    if (this.runs.has(resolve(directory))) return;
    await this.followDirectory(directory);
    this.changed.fire(null);
    this.schedule();
  }

  private async followDirectory(directory: string): Promise<FollowedRun> {
    const { readRun } = await import("../runner/runDirectory.js");
    return this.follow({ directory, run: await readRun(directory) });
  }

  private async follow(found: FoundRun): Promise<FollowedRun> {
    const { FollowedRun } = await import("./followedRun.js");
    const directory = resolve(found.directory);
    let followed = this.runs.get(directory);
    if (followed === undefined) {
      followed = new FollowedRun({ ...found, directory });
      // Read before it is shown: until then every run would seem to be starting.
      await followed.refresh();
      this.runs.set(directory, followed);
    }
    return followed;
  }

  private remembered(): string[] {
    return readStrings(this.memory, REMEMBERED_KEY);
  }

  private schedule(): void {
    if (this.disposed || this.timer !== null || this.runs.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      inBackground(
        this.log,
        this.tick().finally(() => this.schedule()),
      );
    }, ACTIVE_INTERVAL_MS);
  }

  private async tick(): Promise<void> {
    this.ticks += 1;
    if (this.ticks % QUIET_EVERY === 0) {
      await this.refreshAll();
    } else {
      await this.refresh([...this.runs.values()].filter((run) => run.isActive));
    }
  }

  private async refreshAll(): Promise<void> {
    for (const run of [...this.runs.values()]) {
      if (!existsSync(run.paths.run)) await this.remove(run.directory);
    }
    await this.refresh([...this.runs.values()]);
  }

  private async refresh(runs: readonly FollowedRun[]): Promise<void> {
    for (const run of runs) {
      try {
        if ((await run.refresh()) && !this.disposed) this.changed.fire(run);
        this.unreadable.delete(run.directory);
      } catch (error) {
        // Told once, not four times a second.
        if (!this.unreadable.has(run.directory)) this.log.error(`${run.directory} cannot be read: ${String(error)}`);
        this.unreadable.add(run.directory);
      }
    }
  }
}
