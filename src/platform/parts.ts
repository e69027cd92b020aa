/** What commands are given: the parts that activate() made. */
import type * as vscode from "vscode";
import type { Dashboards } from "../panels/dashboard.js";
import type { SamplePanels } from "../panels/samples.js";
import type { Highlights } from "../editor/highlight/highlights.js";
import type { RecipeDiagnostics } from "../editor/recipeDiagnostics.js";
import type { RunStore } from "../views/runStore.js";

export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly store: RunStore;
  readonly dashboards: Dashboards;
  readonly samples: SamplePanels;
  readonly diagnostics: RecipeDiagnostics;
  readonly highlights: Highlights;
}

/** What a command of the palette does with the arguments of whoever calls it. */
export type Command = (parts: Parts, argument: unknown) => Promise<void>;
