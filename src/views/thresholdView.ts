/** The view "Impactful Tokens" of the side bar: threshold, legend and source of highlighting. */
import { basename } from "node:path";
import * as vscode from "vscode";
import * as z from "zod";
import { leastShare, mostShare } from "../editor/highlight/choices.js";
import { highlightStatus } from "../editor/highlight/highlightStatus.js";
import type { Highlights } from "../editor/highlight/highlights.js";
import type { ScoreDistribution } from "../editor/highlight/ranks.js";
import { openPage } from "../panels/webviewPage.js";
import { Pacer } from "../panels/pacer.js";
import type { ViewTransport } from "../panels/transport.js";
import type { HostToThreshold, ScoreHistogram, ThresholdState, ThresholdToHost } from "../protocol/thresholdView.js";

const SEND_INTERVAL_MS = 100;
const histogramSteps = 60;

const incoming = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready") }),
  z.strictObject({ type: z.literal("share"), share: z.number().min(leastShare).max(mostShare) }),
  z.strictObject({ type: z.literal("do"), what: z.enum(["toggle", "choose", "next", "previous", "why", "export"]) }),
]) satisfies z.ZodType<ThresholdToHost>;

const commands = {
  toggle: "longrecipe.toggleHighlight",
  choose: "longrecipe.chooseScores",
  next: "longrecipe.nextImpactful",
  previous: "longrecipe.previousImpactful",
  why: "longrecipe.whyKept",
  export: "longrecipe.exportSelection",
} as const;

/** What is drawn of a distribution, made once for each. */
interface Spread {
  readonly of: ScoreDistribution;
  readonly histogram: ScoreHistogram;
  readonly thresholds: readonly number[];
}

export class ThresholdViewHost {
  private readonly transport: ViewTransport<HostToThreshold, ThresholdToHost>;
  private readonly pacer = new Pacer(() => this.send(), SEND_INTERVAL_MS);
  private ready = false;
  private spread: Spread | null = null;

  constructor(
    private readonly view: vscode.WebviewView,
    private readonly highlights: Highlights,
    extensionUri: vscode.Uri,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const { transport, subscription } = openPage<HostToThreshold, ThresholdToHost>(view.webview, extensionUri, log, {
      page: "threshold",
      title: vscode.l10n.t("Impactful Tokens"),
      messages: incoming,
      isVisible: () => view.visible,
      receive: (message) => this.receive(message),
    });
    this.transport = transport;
    const subscriptions = [
      subscription,
      view.onDidChangeVisibility(() => {
        // A hidden page is thrown away; the one that is made when it is shown again says `ready` itself.
        if (!view.visible) this.ready = false;
      }),
      highlights.onDidChange(() => this.pacer.ask()),
    ];
    view.onDidDispose(() => {
      this.pacer.cancel();
      vscode.Disposable.from(...subscriptions).dispose();
    });
  }

  private async receive(message: ThresholdToHost): Promise<void> {
    switch (message.type) {
      case "ready":
        this.ready = true;
        this.send();
        return;
      case "share":
        await this.highlights.setShare(message.share);
        return;
      case "do":
        // Commands about the text need the text's editor, from which the click has taken the focus.
        if (message.what !== "toggle" && message.what !== "choose") {
          await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
        }
        await vscode.commands.executeCommand(commands[message.what]);
    }
  }

  private send(): void {
    if (!this.ready || !this.view.visible) return;
    this.transport.send(this.state()).then(undefined, (error: unknown) => this.log.error(String(error)));
  }

  private state(): ThresholdState {
    const { highlights } = this;
    const document = vscode.window.activeTextEditor?.document;
    const one = highlights.of(document);
    const marks = one?.marks ?? null;
    const status = highlightStatus(highlights);
    const spread = marks === null ? null : this.spreadOf(marks.distribution);
    return {
      type: "state",
      enabled: highlights.enabled,
      share: highlights.share,
      least: leastShare,
      most: mostShare,
      file: document === undefined || one === undefined ? null : basename(document.uri.path),
      status:
        status?.warning === true ? vscode.l10n.t("Scores are stale: rescore") : one?.state.kind === "none" ? (status?.detail ?? "") : "",
      warning: status?.warning === true,
      source: sourceText(marks?.origin ?? null, highlights),
      histogram: spread?.histogram ?? null,
      thresholds: spread?.thresholds ?? [],
      counts: document === undefined ? null : (highlights.countsOf(document) ?? null),
      ownShare: marks?.origin.selection?.share ?? null,
    };
  }

  private spreadOf(distribution: ScoreDistribution): Spread {
    if (this.spread?.of === distribution) return this.spread;
    const steps = Math.round((mostShare - leastShare) * 100) + 1;
    const thresholds = Array.from({ length: steps }, (_, at) => distribution.threshold(leastShare + at / 100));
    this.spread = { of: distribution, histogram: distribution.histogram(histogramSteps), thresholds };
    return this.spread;
  }
}

function sourceText(origin: { readonly kind: "run" | "live"; readonly name: string } | null, { source }: Highlights): string {
  if (origin !== null)
    return origin.kind === "live" ? vscode.l10n.t("Live, by the in-editor scorer") : vscode.l10n.t("Run {0}", origin.name);
  return source.kind === "live"
    ? vscode.l10n.t("Live")
    : source.kind === "run"
      ? vscode.l10n.t("A chosen run")
      : vscode.l10n.t("Automatic");
}
