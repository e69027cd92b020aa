/** Which run this is, how it stands, how far it is. */
import * as l10n from "@vscode/l10n";
import { element, setAttribute, setText } from "../dom.js";
import { remainingWork, type RemainingWork } from "../eta.js";
import { formatCost, formatDuration, formatEstimate, formatInteger, formatPercent } from "../format.js";
import { icon, type IconName } from "../icons.js";
import { stageLabels } from "../labels.js";
import type { DashboardState } from "../store.js";
import type { Price } from "../../src/protocol/dashboard.js";
import { workedMilliseconds } from "../../src/protocol/runSessions.js";
import type { RunSnapshot, RunStatus } from "../../src/protocol/runSnapshot.js";

const statuses: Readonly<Record<RunStatus, { readonly label: string; readonly icon: IconName }>> = {
  running: { label: l10n.t("Running"), icon: "running" },
  paused: { label: l10n.t("Paused"), icon: "paused" },
  stopped: { label: l10n.t("Stopped"), icon: "stopped" },
  failed: { label: l10n.t("Failed"), icon: "failed" },
  completed: { label: l10n.t("Completed"), icon: "completed" },
};

export class Header {
  readonly #name = element("h1");
  readonly #badge = element("span", { class: "badge" });
  readonly #meta = element("p", { class: "meta" });
  readonly #fill = element("div", { class: "bar-fill" });
  readonly #bar = element(
    "div",
    { class: "bar", attributes: { role: "progressbar", "aria-label": l10n.t("Whole run"), "aria-valuemin": "0", "aria-valuemax": "100" } },
    this.#fill,
  );
  readonly #progress = element("p", { class: "progress-text" });
  readonly element: HTMLElement;
  #status: RunStatus | null = null;

  constructor(controls: HTMLElement) {
    const title = element("div", { class: "title" }, this.#name, this.#badge);
    this.element = element("header", {}, element("div", { class: "head-row" }, title, controls), this.#meta, this.#bar, this.#progress);
  }

  /** `stageSeconds`: left in the running stage, NaN where unknown; `now`: milliseconds since the epoch. */
  update({ identity, run, facts }: DashboardState, stageSeconds: number, now: number): void {
    setText(this.#name, identity.name);
    if (run.status !== this.#status) {
      const { label, icon: name } = statuses[run.status];
      this.#badge.replaceChildren(icon(name), label);
      this.#badge.className = `badge badge-${run.status}`;
      this.#status = run.status;
    }
    const parts = [identity.model, l10n.t("target {0} tokens", formatInteger(identity.targetLength)), run.device ?? ""];
    setText(this.#meta, parts.filter((part) => part !== "").join(" · "));
    this.#fill.style.transform = `scaleX(${String(Math.min(1, Math.max(0, run.fraction)))})`;
    setAttribute(this.#bar, "aria-valuenow", String(Math.round(run.fraction * 100)));
    setText(this.#progress, progressText(run, remainingWork(run, stageSeconds, facts.expectedSeconds), facts.price, now));
  }
}

/** One line: how far, at what, how long still and at what cost, how long already. */
function progressText(run: RunSnapshot, remaining: RemainingWork, price: Price | null, now: number): string {
  const parts = [formatPercent(run.fraction)];
  const stage = run.stages.find(({ name }) => name === run.currentStage);
  if (stage !== undefined && run.status !== "completed") parts.push(stageLabels[stage.name].name);
  const { stage: inStage, whole } = remaining;
  if (Number.isFinite(inStage)) parts.push(l10n.t("about {0} left in this stage", formatEstimate(inStage)));
  if (Number.isFinite(whole) && whole !== inStage) parts.push(l10n.t("about {0} in all, as earlier runs took", formatEstimate(whole)));
  if (price !== null && Number.isFinite(inStage)) {
    const known = Number.isFinite(whole);
    const cost = formatCost(((known ? whole : inStage) / 3600) * price.perHour, price.currency);
    parts.push(known ? l10n.t("about {0} to go", cost) : l10n.t("about {0} to go in this stage", cost));
  }
  if (run.startedAt !== null) {
    const worked = formatDuration(Math.round(workedMilliseconds(run, now) / 1000));
    parts.push(run.status === "running" ? l10n.t("running for {0}", worked) : l10n.t("took {0}", worked));
  }
  return parts.join(" · ");
}
