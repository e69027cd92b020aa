/** Stands for the prompt documents from activation on, so that their editors come back after a reload; loads them when needed. */
import * as vscode from "vscode";
import type { PromptDocuments } from "./promptDocuments.js";

export const PROMPT_SCHEME = "longrecipe-prompt";

export class LazyPromptDocuments implements vscode.Disposable {
  private loaded: Promise<PromptDocuments> | null = null;
  private readonly registration: vscode.Disposable;

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(PROMPT_SCHEME, {
      provideTextDocumentContent: async (uri) => (await this.load()).read(uri),
    });
  }

  load(): Promise<PromptDocuments> {
    this.loaded ??= import("./promptDocuments.js").then(({ PromptDocuments }) => new PromptDocuments(this.log));
    return this.loaded;
  }

  dispose(): void {
    this.registration.dispose();
    void this.loaded?.then((documents) => documents.dispose());
  }
}
