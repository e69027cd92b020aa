/** One open form: shows a recipe's text as fields, and writes changes of the fields into the text. */
import { basename, dirname } from "node:path";
import { parse, type ParseError } from "jsonc-parser";
import * as vscode from "vscode";
import { openPage } from "../panels/webviewPage.js";
import { Pacer } from "../panels/pacer.js";
import type { ViewTransport } from "../panels/transport.js";
import type { Parts } from "../platform/parts.js";
import { recipeJsonSchema } from "../protocol/jsonSchemas.js";
import type { FormPath, FormProblem, FormValue, HostToRecipeForm, RecipeFormToHost } from "../protocol/recipeForm.js";
import { locateKey, splitPath } from "../recipe/locate.js";
import { keyPath } from "../recipe/parse.js";
import { editsOf } from "./recipeFormEdits.js";
import { RecipeEstimator } from "./recipeFormEstimate.js";
import { recipeFormMessages } from "./recipeFormMessages.js";
import { formOf } from "./recipeFormModel.js";
import { inBackground } from "../platform/log.js";

/** Typing is followed this often, in milliseconds. */
const STATE_INTERVAL_MS = 100;
/** The estimate looks at files and may ask Python, so it waits for a pause. */
const ESTIMATE_PAUSE_MS = 400;

export class RecipeFormPanel {
  private readonly transport: ViewTransport<HostToRecipeForm, RecipeFormToHost>;
  private readonly pacer = new Pacer(() => inBackground(this.parts.log, this.sendState()), STATE_INTERVAL_MS);
  private readonly estimator: RecipeEstimator;
  private estimateTimer: NodeJS.Timeout | null = null;
  private ready = false;
  /** Edits are applied one after the other, each on the text that the one before it left. */
  private editing: Promise<void> = Promise.resolve();

  constructor(
    private readonly document: vscode.TextDocument,
    panel: vscode.WebviewPanel,
    private readonly parts: Pick<Parts, "context" | "diagnostics" | "log" | "store">,
  ) {
    const { extensionUri } = parts.context;
    this.estimator = new RecipeEstimator(parts);
    const { transport, subscription } = openPage<HostToRecipeForm, RecipeFormToHost>(panel.webview, extensionUri, parts.log, {
      page: "recipeForm",
      title: basename(document.uri.fsPath),
      messages: recipeFormMessages,
      isVisible: () => panel.visible,
      receive: (message) => this.receive(message),
    });
    this.transport = transport;
    const subscriptions = [
      subscription,
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document && event.contentChanges.length > 0) this.changed();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed()),
      panel.onDidChangeViewState(() => {
        // A hidden page is thrown away; the one that is made when it is shown again says `ready` itself.
        if (!panel.visible) this.ready = false;
      }),
    ];
    panel.onDidDispose(() => {
      this.pacer.cancel();
      if (this.estimateTimer !== null) clearTimeout(this.estimateTimer);
      vscode.Disposable.from(...subscriptions).dispose();
    });
  }

  private async receive(message: RecipeFormToHost): Promise<void> {
    switch (message.type) {
      case "ready":
        this.ready = true;
        await this.transport.send({ type: "form", name: basename(this.document.uri.fsPath), form: formOf(recipeJsonSchema()) });
        await this.sendState();
        this.estimateLater(0);
        return;
      case "set":
        return this.edit(message.path, message.value);
      case "remove":
        return this.edit(message.path, undefined);
      case "openText":
        return this.openText(message.path);
      case "run":
        await vscode.commands.executeCommand("longrecipe.runRecipe", this.document.uri);
    }
  }

  private edit(path: FormPath, value: FormValue | undefined): Promise<void> {
    this.editing = this.editing.then(async () => {
      const { document } = this;
      const edit = new vscode.WorkspaceEdit();
      for (const { offset, length, content } of editsOf(document.getText(), path, value)) {
        edit.replace(document.uri, new vscode.Range(document.positionAt(offset), document.positionAt(offset + length)), content);
      }
      const changed = edit.size === 0 || (await vscode.workspace.applyEdit(edit));
      if (!changed) this.parts.log.warn(`VS Code refused a change of ${keyPath(path)} in ${document.uri.fsPath}.`);
      // A value that was there already changes no text: the page still waits for an answer.
      if (!changed || edit.size === 0) await this.sendState();
    });
    return this.editing;
  }

  private async openText(path: FormPath): Promise<void> {
    const { start, end } = locateKey(this.document.getText(), keyPath(path));
    const selection = new vscode.Range(this.document.positionAt(start), this.document.positionAt(end));
    await vscode.commands.executeCommand("vscode.openWith", this.document.uri, "default", {
      viewColumn: vscode.ViewColumn.Beside,
      selection,
    });
  }

  private changed(): void {
    this.pacer.ask();
    this.estimateLater(ESTIMATE_PAUSE_MS);
  }

  private async sendState(): Promise<void> {
    if (!this.ready) return;
    const { document } = this;
    const { version } = document;
    const checked = await this.parts.diagnostics.check(document);
    // Checking looks at files; by now the text may be another one, whose state is on its way.
    if (document.version !== version) return;
    await this.transport.send({
      type: "state",
      version,
      value: valueOf(document.getText()),
      problems: checked.problems.map(({ path, message }): FormProblem => ({ path: pathOf(path), message })),
      trusted: vscode.workspace.isTrusted,
    });
  }

  private estimateLater(wait: number): void {
    if (this.estimateTimer !== null) clearTimeout(this.estimateTimer);
    this.estimateTimer = setTimeout(() => {
      this.estimateTimer = null;
      inBackground(this.parts.log, this.sendEstimate());
    }, wait);
  }

  private async sendEstimate(): Promise<void> {
    if (!this.ready) return;
    const { version } = this.document;
    const folder = dirname(this.document.uri.fsPath);
    for await (const outcome of this.estimator.estimate(this.document.getText(), folder)) {
      if (this.document.version !== version) return;
      await this.transport.send({ type: "estimate", ...outcome });
    }
  }
}

/** The recipe as it is written, right or wrong; null where it is no JSON object. */
function valueOf(text: string): FormValue {
  const errors: ParseError[] = [];
  const value = parse(text.replace(/^\uFEFF/u, " "), errors, { allowTrailingComma: true }) as FormValue | undefined;
  return errors.length > 0 || typeof value !== "object" || value === null || Array.isArray(value) ? null : value;
}

/** A problem's path in pieces; those of the recipe as a whole, and places in broken JSON, have none. */
function pathOf(path: string): FormPath {
  return path === "(recipe)" || /^line \d+, column \d+$/.test(path) ? [] : splitPath(path);
}
