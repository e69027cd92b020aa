/** A table of scores, a line a task and a column a model: LongBench, LooGLE, general ability; and RULER by length. */
import * as l10n from "@vscode/l10n";
import type { EvaluationDetails, GridCell, RulerScores, ScoreGrid, ScoreGridRow } from "../../src/protocol/evaluationView.js";
import { inPercent } from "../../src/protocol/percent.js";
import { element } from "../dom.js";
import { formatLength } from "../format.js";
import { cellText } from "./dotPlot.js";
import { modelLabel } from "./labels.js";
import { partialNote } from "./missing.js";

const titles: Readonly<Record<ScoreGrid["family"], () => string>> = {
  longbench: () => "LongBench",
  "longbench-v2": () => "LongBench v2",
  loogle: () => "LooGLE",
  ability: () => l10n.t("General ability by task"),
};

export function gridTitle({ family }: Pick<ScoreGrid, "family">): string {
  return titles[family]();
}

/** @param rows those of the grid that are to be seen */
export function gridSection(grid: ScoreGrid, rows: readonly ScoreGridRow[], missing: EvaluationDetails["missing"]): HTMLElement {
  const title = gridTitle(grid);
  const lines = rows.map(({ name, level, cells }) =>
    element(
      "tr",
      { class: `level-${String(level)}` },
      element("th", { text: name ?? l10n.t("Mean"), attributes: { scope: "row" } }),
      ...cells.map((cell) => gridCell(cell, cells[0] ?? null)),
    ),
  );
  const belongs = (task: string): boolean =>
    grid.family === "ability" ? !task.includes("/") && isAbility(task, grid) : task.startsWith(`${grid.family}/`);
  return element(
    "section",
    { class: "benchmark" },
    element("h2", { text: title }),
    ...partialNote(missing, belongs),
    scrolled(
      title,
      table(
        [l10n.t("Task"), ...grid.models.map(modelLabel)],
        lines,
        l10n.t("Scores in %; * prompts are missing. Bold: the intervals do not meet the first model's."),
      ),
    ),
  );
}

function isAbility(task: string, { rows }: ScoreGrid): boolean {
  return rows.some(({ name }) => name?.startsWith(`${task} (`) === true);
}

function gridCell(cell: GridCell | null, first: GridCell | null): HTMLElement {
  if (cell === null) return element("td", { text: "–" });
  const text = `${inPercent(cell.value, 1)}${cell.missing > 0 ? " *" : ""}`;
  const apart = first !== null && first !== cell && (cell.low > first.high || cell.high < first.low);
  const worse = apart && cell.high < first.low;
  const whole = cellText({ task: "", measure: "score" }, cell);
  const title = cell.missing > 0 ? `${whole}; ${l10n.t("{0} missing", cell.missing)}` : whole;
  return element("td", { text: worse ? `⚠ ${text}` : text, class: apart ? "apart" : "", attributes: { title } });
}

/** Mean over the tasks by length, and the effective length. */
export function rulerSection(ruler: NonNullable<EvaluationDetails["ruler"]>, missing: EvaluationDetails["missing"]): HTMLElement {
  const lengths = [...new Set(ruler.models.flatMap((model) => model.lengths.map(({ length }) => length)))].sort((a, b) => a - b);
  const lines = ruler.models.map((scores) =>
    element(
      "tr",
      {},
      element("th", { text: modelLabel(scores.model), attributes: { scope: "row" } }),
      ...lengths.map((length) => rulerCell(scores, length, ruler.threshold)),
      element("td", { class: "apart", text: effectiveText(scores) }),
    ),
  );
  const caption = l10n.t(
    "Mean of the tasks in % by length in tokens; effective: the longest that reaches {0} %. * Tasks are missing at this length: it does not count.",
    inPercent(ruler.threshold, 1),
  );
  return element(
    "section",
    { class: "benchmark" },
    element("h2", { text: "RULER" }),
    ...partialNote(missing, (task) => task.startsWith("ruler/")),
    scrolled("RULER", table([l10n.t("Model"), ...lengths.map(formatLength), l10n.t("Effective")], lines, caption)),
  );
}

function rulerCell({ lengths }: RulerScores, length: number, threshold: number): HTMLElement {
  const found = lengths.find((one) => one.length === length);
  if (found === undefined) return element("td", { text: "–" });
  return element("td", {
    text: `${inPercent(found.mean, 1)}${found.whole ? "" : " *"}`,
    class: found.whole && found.mean >= threshold ? "reached" : "",
  });
}

function effectiveText({ effective, atLeast }: RulerScores): string {
  if (effective === null) return l10n.t("none");
  return `${atLeast ? "≥ " : ""}${formatLength(effective)}`;
}

function table(head: readonly string[], lines: readonly HTMLElement[], caption: string): HTMLElement {
  return element(
    "table",
    { class: "grid" },
    element("caption", { text: caption }),
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { text, attributes: { scope: "col" } })))),
    element("tbody", {}, ...lines),
  );
}

function scrolled(label: string, content: HTMLElement): HTMLElement {
  return element("div", { class: "scroll tall", attributes: { tabindex: "0", role: "region", "aria-label": label } }, content);
}
