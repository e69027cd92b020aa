/** The report's table of LooGLE's further metrics. */
import type { Results } from "../protocol/results.js";
import { furtherMissing, furtherNames, furtherTasks } from "./furtherScores.js";
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
  const measured = new Set(furtherTasks(rows).map(({ label }) => label));
  const labels = [...furtherNames.values()].filter((label) => measured.has(label));
  return {
    title: "LooGLE: further metrics",
    head: ["task and model", ...columns.map(([name]) => name), ...labels],
    rows: groups.flatMap(([task, model]) => {
      const own = rows.filter((row) => row.task === task && row.model === model);
      if (own.length === 0) return [];
      const values = columns.map(([, cloze, measure]) =>
        cloze === task.endsWith("cloze")
          ? score(own.reduce((sum, { answer, expected }) => sum + measure(answer ?? "", expected ?? ""), 0) / own.length)
          : "–",
      );
      const further = labels.map((label) => furtherCell(results, label, task, model));
      return [[`${task.slice("loogle/".length)}, ${model}`, ...values, ...further]];
    }),
    note: `Recall of ROUGE, BLEU of one order, from the same answers. METEOR: NLTK's over the words in their order; of word sets: as published, mean over orders of the sets. BERTScore: as published, the answer's precision; the judge: share found right, or its points for a summary. ${partialNote}`,
  };
}

function furtherCell(results: Results, label: string, task: string, model: string): string {
  const one = furtherTasks(results.rows).find((found) => found.label === label && found.task === task);
  const mean = meanScore(one?.rows.filter((row) => row.model === model) ?? []);
  return one === undefined || mean === null ? "–" : `${score(mean)}${furtherMissing(results.missing ?? [], one, model) > 0 ? partial : ""}`;
}

function score(share: number): string {
  return (share * 100).toFixed(1);
}
