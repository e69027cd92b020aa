/** One sample inspector: a webview panel that shows the training samples of one run, one at a time. */
import { existsSync } from "node:fs";
import { isAbsolute, resolve, dirname } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../protocol/errors.js";
import {
  sampleSets,
  type HostToInspector,
  type InspectedRun,
  type InspectedSample,
  type InspectorToHost,
  type SampleSet,
} from "../../protocol/sampleInspector.js";
import type { FollowedRun } from "../../views/followedRun.js";
import { openPage } from "../webviewPage.js";
import { originalWindow } from "../originalWindow.js";
import type { ViewTransport } from "../transport.js";
import { inspectorMessages } from "../transport.js";
import { findSample } from "./findSample.js";
import { countSamples, readSample } from "./readSample.js";
import { sampleSources, type SampleSources } from "./sampleFiles.js";
import { logError } from "../../platform/log.js";

export class SamplePanel {
  private readonly transport: ViewTransport<HostToInspector, InspectorToHost>;
  private sources: SampleSources | null = null;
  /** Only the answer to the newest request is sent: reading may be slower than a held key. */
  private request = 0;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly run: FollowedRun,
    extensionUri: vscode.Uri,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const { transport, subscription } = openPage<HostToInspector, InspectorToHost>(panel.webview, extensionUri, log, {
      page: "samples",
      title: vscode.l10n.t("Samples of {0}", run.run.name),
      messages: inspectorMessages,
      isVisible: () => panel.visible,
      receive: (message) => this.answer(message),
    });
    this.transport = transport;
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "icon.png");
    panel.onDidDispose(() => {
      subscription.dispose();
    });
  }

  reveal(): void {
    this.panel.reveal();
  }

  /** What goes wrong is told on the page, beside what it still shows. */
  private async answer(message: InspectorToHost): Promise<void> {
    const request = ++this.request;
    try {
      const reply = await this.reply(message);
      if (reply !== null && request === this.request) await this.transport.send(reply);
    } catch (error) {
      logError(this.log, error);
      const text = error instanceof UserError ? `${error.message} ${error.remedy}` : String(error);
      await this.transport.send({ type: "notice", text });
    }
  }

  private async reply(message: InspectorToHost): Promise<HostToInspector | null> {
    switch (message.type) {
      case "ready":
        return this.snapshot(message.set, message.sample);
      case "pick":
        return this.show(message.set, message.sample, null);
      case "random": {
        const count = await countSamples(await this.files(), message.set);
        return this.show(message.set, Math.floor(Math.random() * count), null);
      }
      case "search": {
        const found = await findSample(await this.files(), message.set, message.text, message.after);
        if (found !== null) return this.show(message.set, found, message.text);
        return { type: "notice", text: vscode.l10n.t('No sample holds "{0}".', message.text) };
      }
      case "open":
        await this.openDocument(message.path, message.offset);
        return null;
    }
  }

  private async snapshot(wanted: SampleSet, sample: number): Promise<HostToInspector> {
    this.sources = await sampleSources(this.run.paths);
    const counted = await Promise.all(sampleSets.map(async (set) => ({ set, samples: await countSamples(await this.files(), set) })));
    const sets = counted.filter(({ samples }) => samples > 0);
    const chosen = sets.find(({ set }) => set === wanted) ?? sets[0];
    const { name, targetLength } = this.run.run;
    const { directory } = this.run;
    const run: InspectedRun = { name, directory, targetLength, sets, window: await originalWindow(directory, this.run.run) };
    if (chosen === undefined) {
      return { type: "snapshot", run, sample: null, notices: [vscode.l10n.t("This run has not built its samples yet.")] };
    }
    const shown = await readSample(await this.files(), chosen.set, Math.min(sample, chosen.samples - 1));
    return { type: "snapshot", run, sample: shown, notices: notices(shown) };
  }

  private async show(set: SampleSet, sample: number, query: string | null): Promise<HostToInspector> {
    const shown = await readSample(await this.files(), set, sample);
    return { type: "sample", sample: shown, notices: notices(shown), query };
  }

  private async files(): Promise<SampleSources> {
    return (this.sources ??= await sampleSources(this.run.paths));
  }

  private async openDocument(path: string, offset: number): Promise<void> {
    const file = isAbsolute(path) ? path : resolve(dirname(this.run.run.recipeFile), path);
    if (!existsSync(file)) {
      await this.transport.send({ type: "notice", text: vscode.l10n.t("{0} is no longer there.", path) });
      return;
    }
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
    const editor = await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    const position = document.positionAt(offset);
    editor.selection = new vscode.Selection(position, position);
    editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.InCenter);
  }
}

function notices(sample: InspectedSample): string[] {
  if (sample.text !== "") return [];
  return [vscode.l10n.t("This run was made before samples recorded where they come from: their text cannot be shown.")];
}
