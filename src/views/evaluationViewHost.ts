/** The evaluation view while it is shown: sends the whole state whenever something in it may have changed. */
import * as vscode from "vscode";
import * as z from "zod";
import { openPage } from "../panels/webviewPage.js";
import { Pacer } from "../panels/pacer.js";
import type { ViewTransport } from "../panels/transport.js";
import type { Parts } from "../platform/parts.js";
import type { EvaluationActivity, EvaluationViewToHost, HostToEvaluationView } from "../protocol/evaluationView.js";
import { EvaluatedRunReader } from "./evaluatedRuns.js";
import type { FollowedRun } from "./followedRun.js";
import { stageDescription } from "./runStatus.js";
import { inBackground } from "../platform/log.js";

const SEND_INTERVAL_MS = 250;
/** Run directory of the run that was looked at last in this workspace. */
const SELECTED_KEY = "longrecipe.evaluation.selected";

const directory = z.string().min(1);
const incoming = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready") }),
  z.strictObject({ type: z.literal("choose"), directory }),
  z.strictObject({ type: z.literal("open"), what: z.enum(["report", "dashboard"]), directory }),
  z.strictObject({ type: z.literal("export"), directory }),
  z.strictObject({ type: z.literal("evaluateServer") }),
  z.strictObject({ type: z.literal("evaluateCheckpoint") }),
]) satisfies z.ZodType<EvaluationViewToHost>;

const openCommands = { report: "longrecipe.openReport", dashboard: "longrecipe.openDashboard" } as const;

export class EvaluationViewHost {
  private readonly transport: ViewTransport<HostToEvaluationView, EvaluationViewToHost>;
  private readonly reader = new EvaluatedRunReader();
  private readonly pacer = new Pacer(() => inBackground(this.parts.log, this.send()), SEND_INTERVAL_MS);
  private ready = false;
  private sent = "";

  constructor(
    private readonly view: vscode.WebviewView,
    private readonly parts: Pick<Parts, "context" | "log" | "store">,
  ) {
    const { extensionUri } = parts.context;
    const { transport, subscription } = openPage<HostToEvaluationView, EvaluationViewToHost>(view.webview, extensionUri, parts.log, {
      page: "evaluation",
      title: vscode.l10n.t("Evaluation"),
      messages: incoming,
      isVisible: () => view.visible,
      receive: (message) => this.receive(message),
    });
    this.transport = transport;
    const subscriptions = [
      subscription,
      view.onDidChangeVisibility(() => {
        // What was sent while it was hidden may not have arrived.
        this.sent = "";
        this.pacer.ask();
      }),
      parts.store.onDidChange(() => this.pacer.ask()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.pacer.ask()),
    ];
    view.onDidDispose(() => {
      this.pacer.cancel();
      vscode.Disposable.from(...subscriptions).dispose();
    });
  }

  private async receive(message: EvaluationViewToHost): Promise<void> {
    switch (message.type) {
      case "ready":
        this.ready = true;
        this.sent = "";
        await this.send();
        return;
      case "choose":
        await this.parts.context.workspaceState.update(SELECTED_KEY, message.directory);
        await this.send();
        return;
      case "open":
        await vscode.commands.executeCommand(openCommands[message.what], message.directory);
        return;
      case "export":
        await vscode.commands.executeCommand("longrecipe.exportResults", message.directory);
        return;
      case "evaluateServer":
        await vscode.commands.executeCommand("longrecipe.evaluateServer");
        return;
      case "evaluateCheckpoint":
        await vscode.commands.executeCommand("longrecipe.evaluateCheckpoint");
    }
  }

  private async send(): Promise<void> {
    if (!this.ready) return;
    const runs = this.parts.store.all();
    const { evaluated, unreadable } = await this.reader.read(runs);
    const remembered: unknown = this.parts.context.workspaceState.get(SELECTED_KEY);
    const selected = evaluated.find(({ run }) => run.directory === remembered) ?? evaluated[0];
    const activities = runs.filter((run) => run.isActive).flatMap((run) => activityOf(run) ?? []);
    const state: HostToEvaluationView = {
      type: "state",
      trusted: vscode.workspace.isTrusted,
      runs: evaluated.map(({ run }) => run),
      selected: selected?.run.directory ?? null,
      summary: selected?.summary ?? null,
      details: selected?.details ?? null,
      activities,
      notices: [
        ...unreadable.map((name) => vscode.l10n.t("The results of {0} cannot be read; evaluate it again.", name)),
        ...((selected?.damagedRows ?? 0) > 0
          ? [vscode.l10n.t("{0} damaged rows of these results are left out.", selected?.damagedRows ?? 0)]
          : []),
      ],
    };
    this.view.badge =
      activities.length > 0
        ? { value: activities.length, tooltip: vscode.l10n.t("Evaluations that go on: {0}", activities.length) }
        : undefined;
    // A run that trains changes four times a second; what is shown here does not.
    const text = JSON.stringify(state);
    if (text === this.sent) return;
    this.sent = (await this.transport.send(state)) ? text : "";
  }
}

/** An evaluation that goes on, or one that is about to: a run of which nothing else was asked. */
function activityOf(run: FollowedRun): EvaluationActivity | null {
  const { snapshot } = run;
  const stage = snapshot.stages.find(({ name }) => name === "evaluate");
  const alone = run.run.name.startsWith("evaluate-");
  if (stage === undefined || (snapshot.currentStage !== "evaluate" && !alone)) return null;
  const text = stage.status === "running" ? stageDescription(stage, true) : vscode.l10n.t("preparing");
  return { directory: run.directory, name: run.run.name, text, fraction: stage.fraction };
}
