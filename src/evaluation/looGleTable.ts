/** The report's table of LooGLE's further metrics. */
import { mean } from "d3-array";
import type { Missing, Results } from "../protocol/results.js";
import { scoreText } from "./format.js";
import { furtherMissing, furtherNames, furtherTasks, type FurtherTask } from "./furtherScores.js";
import { meanScore } from "./measures.js";
import { bleu, clozePartial, rougeNRecall } from "./metrics/loogle.js";
import type { TextTable } from "./report.js";
import { orderedModels } from "./summary.js";

const partial = " †";
const partialNote = "† Answers without a verdict: not comparable, see below.";

/** LooGLE's further metrics, from the same answers. */
export function looGleTable(results: Results): TextTable {
  const rows = results.rows.filter(({ task }) => task.startsWith("loogle/"));
  const groups = [...new Set(rows.map(({ task }) => task))].flatMap((task) => orderedModels(rows).map((model) => [task, model] as const));
  const columns: readonly (readonly [string, boolean, (answer: string, right: string) => number])[] = [
    ["ROUGE-1", false, (answer, right) => rougeNRecall(answer, [right], 1)],
    ["ROUGE-2", false, (answer, right) => rougeNRecall(answer, [right], 2)],
    ["BLEU-1", false, (answer, right) => bleu(answer, [right], 1)],
    ["BLEU-4", false, (answer, right) => bleu(answer, [right], 4)],
    ["partial match", true, (answer, right) => clozePartial(answer, [right])],
  ];
  const further = furtherTasks(rows);
  const measured = new Set(further.map(({ label }) => label));
  const labels = [...furtherNames.values()].filter((label) => measured.has(label));
  return {
    title: "LooGLE: further metrics",
    head: ["task and model", ...columns.map(([name]) => name), ...labels],
    rows: groups.flatMap(([task, model]) => {
      const own = rows.filter((row) => row.task === task && row.model === model);
      if (own.length === 0) return [];
      const values = columns.map(([, cloze, measure]) =>
        cloze === task.endsWith("cloze")
          ? scoreText(mean(own, ({ answer, expected }) => measure(answer ?? "", expected ?? "")) ?? NaN)
          : "–",
      );
      const cells = labels.map((label) => {
        const one = further.find((found) => found.label === label && found.task === task);
        return one === undefined ? "–" : furtherCell(one, model, results.missing ?? []);
      });
      return [[`${task.slice("loogle/".length)}, ${model}`, ...values, ...cells]];
    }),
    note: `Recall of ROUGE, BLEU of one order, from the same answers. METEOR: NLTK's over the words in their order; of word sets: as published, mean over orders of the sets. BERTScore: as published, the answer's precision; the judge: share found right, or its points for a summary. ${partialNote}`,
  };
}

function furtherCell(one: FurtherTask, model: string, missing: readonly Missing[]): string {
  const score = meanScore(one.rows.filter((row) => row.model === model));
  return score === null ? "–" : `${scoreText(score)}${furtherMissing(missing, one, model) > 0 ? partial : ""}`;
}
