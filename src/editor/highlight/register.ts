/** Joins the parts of highlighting to the editor. */
import * as vscode from "vscode";
import type { RunStore } from "../../views/runStore.js";
import { HighlightStatusItem } from "./highlightStatus.js";
import { Highlights } from "./highlights.js";
import { LiveScorer } from "./liveScorer.js";

export interface Highlighting {
  readonly highlights: Highlights;
  readonly status: HighlightStatusItem;
  dispose(): void;
}

export function registerHighlighting(context: vscode.ExtensionContext, store: RunStore, log: vscode.LogOutputChannel): Highlighting {
  const live = new LiveScorer(context.extensionUri, log);
  const highlights = new Highlights(context, store, log, live.provide);
  const status = new HighlightStatusItem(highlights);
  const hover = vscode.languages.registerHoverProvider([{ scheme: "file" }, { scheme: "untitled" }], {
    async provideHover(document, position) {
      if (highlights.of(document) === undefined) return null;
      const { significanceHover } = await import("./hover.js");
      return significanceHover(highlights, document, position);
    },
  });
  const view = vscode.window.registerWebviewViewProvider("longrecipe.highlight", {
    async resolveWebviewView(shown) {
      const { ThresholdViewHost } = await import("../../views/thresholdView.js");
      new ThresholdViewHost(shown, highlights, context.extensionUri, log);
    },
  });
  // Another pair of models gives other scores.
  const settings = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration("longrecipe.scorer.models")) highlights.reload();
  });
  return { highlights, status, dispose: () => void vscode.Disposable.from(settings, hover, view, status, highlights, live).dispose() };
}
