/** What commands are given: the parts that activate() made. */
import type * as vscode from "vscode";
import type { Dashboards } from "../panels/dashboard.js";
import type { RecipeDiagnostics } from "../editor/recipeDiagnostics.js";
import type { RunStore } from "../views/runStore.js";

export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly store: RunStore;
  readonly dashboards: Dashboards;
  readonly diagnostics: RecipeDiagnostics;
}

/** A command of the palette: its identifier and what it does with the arguments of whoever calls it. */
export interface Command {
  readonly id: string;
  run(parts: Parts, argument: unknown): Promise<void>;
}
