/** What a person can ask of the run; what makes no sense now is disabled or not there. */
import * as l10n from "@vscode/l10n";
import { element } from "../dom.js";
import { createButton, type ButtonControl } from "../toolkit.js";
import type { RunSnapshot } from "../../src/protocol/runSnapshot.js";
import type { DashboardToHost } from "../../src/protocol/dashboard.js";

type Request = Exclude<Extract<DashboardToHost, { type: "request" }>["request"], "retry">;

const labels: Readonly<Record<Request, readonly [idle: string, pending: string]>> = {
  pause: [l10n.t("Pause"), l10n.t("Pausing…")],
  resume: [l10n.t("Resume"), l10n.t("Resuming…")],
  checkpoint: [l10n.t("Checkpoint"), l10n.t("Saving…")],
  stop: [l10n.t("Stop"), l10n.t("Stopping…")],
};

export class Controls {
  readonly element: HTMLElement;
  readonly #buttons: Readonly<Record<Request, ButtonControl>>;
  readonly #report: ButtonControl;
  readonly #merged: ButtonControl;
  readonly #samples: ButtonControl;
  #pending: { readonly request: Request; readonly status: string; readonly checkpoint: string } | null = null;
  #run: RunSnapshot | null = null;

  constructor(private readonly post: (message: DashboardToHost) => void) {
    const make = (request: Request, primary = false): ButtonControl =>
      createButton(labels[request][0], primary, () => this.#ask(request), request);
    this.#buttons = { pause: make("pause"), resume: make("resume", true), checkpoint: make("checkpoint"), stop: make("stop") };
    this.#report = createButton(l10n.t("Open Report"), true, () => post({ type: "open", what: "report" }));
    this.#merged = createButton(l10n.t("Show Checkpoint"), false, () => post({ type: "open", what: "checkpoint" }));
    const log = createButton(l10n.t("Log"), false, () => post({ type: "open", what: "log" }));
    const recipe = createButton(l10n.t("Recipe"), false, () => post({ type: "open", what: "recipe" }));
    this.#samples = createButton(l10n.t("Samples"), false, () => post({ type: "open", what: "samples" }));
    const all = [...Object.values(this.#buttons), this.#report, this.#merged, this.#samples, recipe, log];
    this.element = element(
      "div",
      { class: "controls", attributes: { role: "group", "aria-label": l10n.t("Run") } },
      ...all.map((button) => button.element),
    );
  }

  update(run: RunSnapshot): void {
    this.#run = run;
    if (this.#pending !== null && (this.#pending.status !== run.status || this.#pending.checkpoint !== checkpointOf(run)))
      this.#pending = null;
    const running = run.status === "running";
    const training = running && (run.currentStage === "extend" || run.currentStage === "replay");
    const completed = run.status === "completed";
    this.#show("pause", running, running);
    this.#show("resume", !running && !completed, !running);
    this.#show("checkpoint", !completed, training);
    this.#show("stop", !completed, running || run.status === "paused");
    this.#report.element.hidden = !completed;
    this.#merged.element.hidden = !completed;
    this.#samples.element.hidden = !samplesMade(run);
  }

  #show(request: Request, visible: boolean, enabled: boolean): void {
    const button = this.#buttons[request];
    const pending = this.#pending?.request === request;
    button.element.hidden = !visible;
    button.update({ label: labels[request][pending ? 1 : 0], disabled: !enabled || this.#pending !== null });
  }

  #ask(request: Request): void {
    if (this.#run === null) return;
    this.post({ type: "request", request });
    this.#pending = { request, status: this.#run.status, checkpoint: checkpointOf(this.#run) };
    this.update(this.#run);
  }
}

function checkpointOf(run: RunSnapshot): string {
  return run.checkpoint === null ? "" : `${String(run.checkpoint.stage)} ${String(run.checkpoint.step)}`;
}

function samplesMade(run: RunSnapshot): boolean {
  const status = run.stages.find(({ name }) => name === "samples")?.status;
  return status === "completed" || status === "cached";
}
