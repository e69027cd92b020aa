/** Further scores of answers (LooGLE's METEOR, BERTScore and judge) as rows of their own, for tables that have a line a task. */
import type { Missing, ResultRow } from "../protocol/results.js";
import { judgeTask } from "./metrics/judge.js";
import { missingOf } from "./missing.js";

/** Names in rows, with what people see, in the order of tables. */
export const furtherNames: ReadonlyMap<string, string> = new Map([
  ["meteor", "METEOR"],
  ["meteorSets", "METEOR of word sets"],
  ["bertScore", "BERTScore"],
  ["bertScoreF1", "BERTScore F1"],
  ["judge", "judge"],
]);

/** One further score of the answers to a task. */
export interface FurtherTask {
  /** `loogle/shortdep_qa`. */
  readonly task: string;
  /** `meteor`. */
  readonly name: string;
  /** `METEOR`. */
  readonly label: string;
  /** The rows that have it, with it as their score. */
  readonly rows: readonly ResultRow[];
}

/** Every further score that some row has, by task. */
export function furtherTasks(rows: readonly ResultRow[]): FurtherTask[] {
  const tasks = [...new Set(rows.flatMap(({ task, scores }) => (scores === undefined ? [] : [task])))];
  return tasks.flatMap((task) =>
    [...furtherNames].flatMap(([name, label]) => {
      const own = rows.flatMap((row) => {
        const score = row.task === task ? row.scores?.[name] : undefined;
        return score === undefined ? [] : [{ ...row, score }];
      });
      return own.length === 0 ? [] : [{ task, name, label, rows: own }];
    }),
  );
}

/** Answers of a model that lack a further score, as far as they are told: replies of the judge that are no verdict. */
export function furtherMissing(missing: readonly Missing[], { task, name }: Pick<FurtherTask, "task" | "name">, model: string): number {
  return missingOf(missing, model, task, null) + (name === "judge" ? missingOf(missing, model, judgeTask(task), null) : 0);
}
