/** The live scorer as highlighting gets it: made when it is first needed, one for all editors. */
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { showFault } from "../../platform/messages.js";
import { scorerModelsSetting } from "../../platform/settings.js";
import type { Scorer } from "../../scorer/client.js";
import type { ScorerProvider } from "./highlights.js";

/** The shipped pair of models, in the extension's folder. */
const shippedPair = ["examples", "embedded", "scorer"];

export class LiveScorer implements vscode.Disposable {
  private scorer: Scorer | null = null;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** @returns the scorer, or why there is none. */
  readonly provide: ScorerProvider = async () => {
    const program = vscode.Uri.joinPath(this.extensionUri, "dist", "scorer.js").fsPath;
    const pair = vscode.Uri.joinPath(this.extensionUri, ...shippedPair).fsPath;
    if (!existsSync(program) || !existsSync(pair)) {
      return vscode.l10n.t("No run has scored this file, and this build has no in-editor scorer.");
    }
    const { createScorer } = await import("../../scorer/client.js");
    this.scorer ??= createScorer({
      program,
      pair: () => scorerModelsSetting() ?? pair,
      log: (level, message) => this.log[level](message),
      onCrash: (error) => void showFault(error, this.log),
    });
    return this.scorer;
  };

  dispose(): void {
    this.scorer?.dispose();
  }
}
