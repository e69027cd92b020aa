/** Makes the parts of the extension and joins them. Runs go on without it: they are processes of their own. */
import * as vscode from "vscode";
import { registerCommands } from "./commands/index.js";
import { registerHighlighting, type Highlighting } from "./editor/highlight/register.js";
import { RecipeCodeLens } from "./editor/recipeCodeLens.js";
import { StudyCodeLens, studySelector } from "./editor/studyCodeLens.js";
import { RecipeDiagnostics } from "./editor/recipeDiagnostics.js";
import { recipeSelector } from "./editor/recipeFiles.js";
import { registerRecipeForm } from "./editor/recipeForm.js";
import { Dashboards } from "./panels/dashboard.js";
import { SamplePanels } from "./panels/samples.js";
import { registerTools } from "./tools/register.js";
import { registerTasks } from "./tasks/register.js";
import { keepContextKeys } from "./views/contextKeys.js";
import { registerEvaluationView } from "./views/evaluationView.js";
import { FaultMemory } from "./views/faultMemory.js";
import { RunNotices } from "./views/runNotices.js";
import { RunStore } from "./views/runStore.js";
import { RunsTree } from "./views/runsTree.js";
import { RunStatusBar } from "./views/statusBar.js";
import { logError } from "./platform/log.js";

/** For tests: the parts, so that they can be looked at without reading the screen. */
export interface ExtensionApi {
  readonly store: RunStore;
  readonly statusBar: RunStatusBar;
  readonly discovered: Promise<void>;
  readonly highlighting: Highlighting;
  /** Identifiers of the commands that were called in this window. */
  readonly called: ReadonlySet<string>;
}

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const log = vscode.window.createOutputChannel("LongRecipe", { log: true });
  const store = new RunStore(context.workspaceState, log);
  const diagnostics = new RecipeDiagnostics(log);
  const tree = new RunsTree(store);
  const statusBar = new RunStatusBar(store);
  const codeLens = new RecipeCodeLens(store);
  const studyLens = new StudyCodeLens();
  const notices = new RunNotices(store, log, new FaultMemory(context.workspaceState), (file, message) =>
    diagnostics.showFault(file, message),
  );
  const contextKeys = keepContextKeys(store);
  // After activation, which others wait for; nobody waits for the first look at the workspace.
  const discovered = new Promise<void>((resolve) => setImmediate(resolve))
    .then(() => store.discover())
    .catch((error: unknown) => logError(log, error));
  const dashboards = new Dashboards(store, context.extensionUri, context.workspaceState, log, discovered);
  const highlighting = registerHighlighting(context, store, log);
  const samples = new SamplePanels(store, context.extensionUri, log, discovered);
  const called = new Set<string>();
  context.subscriptions.push(
    log,
    store,
    diagnostics,
    tree,
    statusBar,
    codeLens,
    studyLens,
    notices,
    contextKeys,
    dashboards,
    samples,
    highlighting,
    vscode.window.createTreeView("longrecipe.runs", { treeDataProvider: tree, showCollapseAll: true }),
    vscode.languages.registerCodeLensProvider(recipeSelector, codeLens),
    vscode.languages.registerCodeLensProvider(studySelector, studyLens),
    registerRecipeForm({ context, diagnostics, log, store }),
    registerEvaluationView({ context, log, store }),
    registerTasks({ context }),
    registerTools({ store, highlights: highlighting.highlights }),
    registerCommands({ context, log, store, dashboards, samples, diagnostics, highlights: highlighting.highlights }, called),
  );
  return { store, statusBar, discovered, highlighting, called };
}
