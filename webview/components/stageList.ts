/** The stages, one under the other: state, share done, duration, what is going on. */
import * as l10n from "@vscode/l10n";
import { element, setAttribute, setText } from "../dom.js";
import { formatDuration, formatInteger, formatPercent } from "../format.js";
import { icon } from "../icons.js";
import { stageLabels, stageStatusLabels } from "../labels.js";
import type { RunSnapshot, StageSnapshot, StageStatus } from "../../src/protocol/runSnapshot.js";
import { stageNames, type StageName } from "../../src/protocol/stages.js";

interface Row {
  readonly item: HTMLLIElement;
  readonly mark: HTMLElement;
  readonly side: HTMLElement;
  readonly detail: HTMLElement;
  readonly status: HTMLElement;
  shown: StageStatus | null;
}

export class StageList {
  readonly element: HTMLElement;
  readonly #rows = new Map<StageName, Row>();

  constructor() {
    const list = element("ol", { class: "stages" });
    for (const name of stageNames) {
      const row = makeRow(name);
      this.#rows.set(name, row);
      list.append(row.item);
    }
    this.element = element(
      "nav",
      { class: "stage-panel", attributes: { "aria-label": l10n.t("Stages") } },
      element("h2", { text: l10n.t("Stages") }),
      list,
    );
  }

  /** `now` in milliseconds since the epoch. */
  update(run: RunSnapshot, now: number): void {
    for (const stage of run.stages) {
      const row = this.#rows.get(stage.name);
      if (row !== undefined) updateRow(row, stage, run, now);
    }
  }
}

function makeRow(name: StageName): Row {
  const mark = element("span", { class: "mark" });
  const status = element("span", { class: "visually-hidden" });
  const side = element("span", { class: "side" });
  const detail = element("span", { class: "detail" });
  const item = element(
    "li",
    { class: "stage" },
    mark,
    element("span", { class: "name", text: stageLabels[name].name }),
    status,
    side,
    detail,
  );
  return { item, mark, status, side, detail, shown: null };
}

function updateRow(row: Row, stage: StageSnapshot, run: RunSnapshot, now: number): void {
  const held = stage.status === "running" && run.status !== "running";
  if (row.shown !== stage.status || row.item.classList.contains("held") !== held) {
    row.mark.replaceChildren(icon(held ? (run.status === "failed" ? "failed" : "paused") : stage.status));
    row.item.className = `stage stage-${stage.status}${held ? " held" : ""}`;
    row.shown = stage.status;
  }
  setText(row.status, `, ${held ? l10n.t("not running now") : stageStatusLabels[stage.status]}`);
  if (stage.name === run.currentStage) setAttribute(row.item, "aria-current", "step");
  else row.item.removeAttribute("aria-current");
  setText(row.side, sideText(stage, run, now));
  setText(row.detail, detailText(stage));
}

function sideText(stage: StageSnapshot, run: RunSnapshot, now: number): string {
  if (stage.status === "cached") return l10n.t("cached");
  if (stage.seconds !== null) return formatDuration(stage.seconds);
  if (stage.status !== "running") return "";
  if (stage.fraction !== null) return formatPercent(stage.fraction);
  return stage.startedAt === null || run.status !== "running"
    ? ""
    : formatDuration(Math.max(0, Math.round((now - stage.startedAt) / 1000)));
}

function detailText(stage: StageSnapshot): string {
  if (stage.status === "running" && stage.progress !== null) {
    const { done, total, unit, label } = stage.progress;
    return `${label === undefined ? "" : `${label}: `}${l10n.t("{0} of {1} {2}", formatInteger(done), formatInteger(total), unit)}`;
  }
  return stage.detail ?? stageLabels[stage.name].does;
}
